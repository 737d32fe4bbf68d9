//! The first 176 bytes of a system file.

use super::Bytes;

/// How the cases are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// As they are.
    Plain,
    /// A code of one byte for what is frequent.
    Codes,
    /// The codes, deflated in blocks.
    Deflated,
}

/// What the header says that reading needs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// How the cases are stored.
    pub packing: Packing,
    /// How many there are, if the file says it.
    pub cases: Option<usize>,
    /// What is added to a whole number to make its code.
    pub bias: f64,
}

/// Reads the header, and sets the order of the bytes of `bytes`.
pub(super) fn read(bytes: &mut Bytes<'_>) -> Result<Header, String> {
    let what = "the header";
    let mark = bytes.take(4, what)?;
    let deflated = match mark {
        b"$FL2" => false,
        b"$FL3" => true,
        [0x5b, 0xc6, 0xd3, _] => {
            return Err("it is in EBCDIC, of a mainframe; save it on another system".to_owned());
        }
        _ => return Err("it does not begin with `$FL2` or `$FL3`".to_owned()),
    };
    bytes.take(60, what)?;
    let layout = bytes.clone().u32(what)?;
    let big_endian = match (layout, layout.swap_bytes()) {
        (2 | 3, _) => false,
        (_, 2 | 3) => true,
        _ => {
            return Err(format!(
                "its layout code at byte 64 is {layout}, not 2 or 3"
            ));
        }
    };
    *bytes = bytes.clone().endian(big_endian);
    bytes.u32(what)?;
    // The size of a case is wrong in many files; the variables say it too.
    bytes.u32(what)?;
    let packing = match (bytes.u32("the kind of compression")?, deflated) {
        (0, false) => Packing::Plain,
        (1, false) => Packing::Codes,
        (2, true) => Packing::Deflated,
        (other, _) => return Err(format!("its kind of compression is {other} at byte 72")),
    };
    bytes.u32("the weight")?;
    let cases = usize::try_from(bytes.i32("the number of cases")?).ok();
    let bias = bytes.f64("the bias")?;
    if !(0.0..=251.0).contains(&bias) || bias.fract() != 0.0 {
        return Err(format!("its compression bias is {bias} at byte 84"));
    }
    bytes.take(9 + 8 + 64 + 3, what)?;
    Ok(Header {
        packing,
        cases,
        bias,
    })
}
