//! ORCID iDs.

/// Why something is no ORCID iD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoOrcid {
    /// It is not four groups of four digits (the last may be X).
    Format,
    /// Its check digit should be this one.
    CheckDigit(char),
}

/// The iD as `0000-0000-0000-0000`, taken from that form or from its address `https://orcid.org/…`.
///
/// The last character checks the others by ISO/IEC 7064, MOD 11-2.
pub fn orcid(written: &str) -> Result<&str, NoOrcid> {
    let id = ["https://orcid.org/", "http://orcid.org/"]
        .iter()
        .find_map(|prefix| written.strip_prefix(prefix))
        .unwrap_or(written);
    let groups: Vec<&str> = id.split('-').collect();
    if groups.len() != 4 || groups.iter().any(|g| g.len() != 4) {
        return Err(NoOrcid::Format);
    }
    let mut characters: Vec<char> = groups.concat().chars().collect();
    let last = characters.pop().ok_or(NoOrcid::Format)?;
    let mut total = 0_u32;
    for c in characters {
        let digit = c.to_digit(10).ok_or(NoOrcid::Format)?;
        total = (total + digit) * 2 % 11;
    }
    let check = match (12 - total) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).ok_or(NoOrcid::Format)?,
    };
    match last {
        _ if last == check => Ok(id),
        '0'..='9' | 'X' => Err(NoOrcid::CheckDigit(check)),
        _ => Err(NoOrcid::Format),
    }
}

#[cfg(test)]
mod tests {
    use super::{NoOrcid, orcid};

    #[test]
    fn published_examples_pass() {
        // The examples of ORCID's own documentation of the identifier's structure.
        for id in [
            "0000-0002-1825-0097",
            "0000-0001-5109-3700",
            "0000-0002-1694-233X",
        ] {
            assert_eq!(orcid(id), Ok(id));
        }
        assert_eq!(
            orcid("https://orcid.org/0000-0002-1825-0097"),
            Ok("0000-0002-1825-0097")
        );
    }

    #[test]
    fn a_wrong_digit_is_found() {
        assert_eq!(orcid("0000-0002-1825-0098"), Err(NoOrcid::CheckDigit('7')));
        for wrong in [
            "",
            "0000",
            "0000-0002-1825-009",
            "0000-0002-1825-009x",
            "0000–0002–1825–0097",
            "äöüx-0002-1825-0097",
        ] {
            assert_eq!(orcid(wrong), Err(NoOrcid::Format), "{wrong}");
        }
    }
}
