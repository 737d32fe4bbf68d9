//! A number as a publication prints it, and how a recomputed one compares with it.

use std::fmt::Write as _;

use crate::style::number::{Decimal, Notation, NumberText};

/// Longer texts are not numbers that somebody printed.
const LONGEST: usize = 60;
/// The most digits of a printed number.
const MOST_DIGITS: usize = 30;
/// The largest power of ten, either way, of a number in scientific notation.
const LARGEST_POWER: i32 = 400;

/// What stands before a printed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// How a recomputed number compares with a printed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// Within half a unit of the last printed digit, or on the printed side of a bound.
    Same,
    /// Off by one unit of the last printed digit; of a bound, on its other side but equal to it when rounded.
    LastDigit,
    /// Another number.
    Other,
}

/// A printed number: its value, its precision, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    relation: Relation,
    negative: bool,
    /// All digits as one whole number.
    digits: i128,
    /// How many of the digits stand after the point.
    decimals: u8,
    /// The power of ten of scientific notation.
    power: Option<i32>,
    percent: bool,
    leading_zero: bool,
    group: Option<char>,
}

impl Printed {
    /// Reads a number as printed: `-2.83`, `−2.83`, `1,234.5`, `.04`, `35%`, `<.001`, `p = .04`, `1.2e-5`, `1.2 × 10−5`.
    /// An error says in words what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a number has at most {LONGEST} characters"));
        }
        let plain: String = text.chars().map(plain).collect();
        let (relation, rest) = relation(plain.trim())?;
        let (rest, percent) = match rest.strip_suffix('%') {
            Some(rest) => (rest.trim_end(), true),
            None => (rest, false),
        };
        let (negative, rest) = sign(rest);
        let (mantissa, power) = power(rest)?;
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err("digits must follow the decimal point".to_owned()),
            Some((whole, fraction)) => (whole, fraction),
            None => (mantissa, ""),
        };
        let (whole, group) = ungrouped(whole)?;
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err("it is not a number".to_owned());
        }
        if digits.len() > MOST_DIGITS {
            return Err(format!("a number has at most {MOST_DIGITS} digits"));
        }
        Ok(Self {
            relation,
            negative,
            digits: digits
                .parse()
                .map_err(|_| "it is not a number".to_owned())?,
            decimals: u8::try_from(fraction.len()).unwrap_or(u8::MAX),
            power,
            percent,
            leading_zero: !whole.is_empty(),
            group,
        })
    }

    /// Whether it is a bound such as `<.001`.
    pub fn is_bound(&self) -> bool {
        self.relation != Relation::Equal
    }

    /// Whether a minus sign is printed.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// How a recomputed value at full precision compares. A percentage is compared with the value times 100. Ties agree
    /// with both neighbours: whoever rounded may have rounded them either way.
    pub fn agreement(&self, value: f64) -> Agreement {
        let Some(value) = self.scaled(value) else {
            return Agreement::Other;
        };
        let places = i32::from(self.decimals) - self.power.unwrap_or(0);
        let (floor, exact) = value.halves(places);
        let printed = if self.negative { -2 } else { 2 } * self.digits;
        let at_least = |halves: i128| floor >= halves;
        let at_most = |halves: i128| floor < halves || floor == halves && exact;
        let near = |halves: i128| at_least(printed - halves) && at_most(printed + halves);
        let holds = match self.relation {
            Relation::Equal => near(1),
            Relation::Less => !at_least(printed),
            Relation::AtMost => at_most(printed),
            Relation::Greater => !at_most(printed),
            Relation::AtLeast => at_least(printed),
        };
        // Rounded to the printed digit, the value is at most one unit away; a bound is to be met.
        let slack = if self.is_bound() { 1 } else { 3 };
        match holds {
            true => Agreement::Same,
            false if near(slack) => Agreement::LastDigit,
            false => Agreement::Other,
        }
    }

    /// A recomputed value at the precision and in the manner of this text. Without the sign of a bound, unless the value
    /// keeps the bound and its digits would not show it: then it is the bound itself.
    pub fn like(&self, value: f64) -> String {
        let notation = Notation {
            point: ".".to_owned(),
            minus: "\u{2212}".to_owned(),
            group: String::new(),
            group_from: usize::MAX,
        };
        self.like_in(value, &notation).text()
    }

    /// The same with the decimal point and minus sign of a style.
    pub fn like_in(&self, value: f64, style: &Notation) -> NumberText {
        let Some(scaled) = self.scaled(value) else {
            return NumberText {
                lead: "not finite".to_owned(),
                tail: String::new(),
            };
        };
        let rounded = scaled
            .shifted(-self.power.unwrap_or(0))
            .round(self.decimals);
        let number = self.finished(rounded.text(&self.notation(style), self.leading_zero));
        let limit = self.written("", self.negative, self.digits, style);
        let silent = number == limit || rounded.is_zero() && value != 0.0;
        if self.is_bound() && silent && self.agreement(value) == Agreement::Same {
            return self.text_in(style);
        }
        number
    }

    /// The text itself with the decimal point and minus sign of a style.
    pub fn text_in(&self, style: &Notation) -> NumberText {
        let sign = match self.relation {
            Relation::Equal => "",
            Relation::Less => "<",
            Relation::AtMost => "≤",
            Relation::Greater => ">",
            Relation::AtLeast => "≥",
        };
        self.written(sign, self.negative, self.digits, style)
    }

    /// A number of this precision, of which all digits are given as one whole number.
    fn written(&self, sign: &str, negative: bool, digits: i128, style: &Notation) -> NumberText {
        let decimals = usize::from(self.decimals);
        let digits = format!("{digits:0width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let mut lead = sign.to_owned();
        if negative {
            lead.push_str(&style.minus);
        }
        if self.leading_zero || whole != "0" {
            lead.push_str(&self.grouped(whole));
        }
        let mut tail = String::new();
        if !fraction.is_empty() {
            tail.push_str(&style.point);
            tail.push_str(fraction);
        }
        self.finished(NumberText { lead, tail })
    }

    fn grouped(&self, whole: &str) -> String {
        let mut text = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.extend(self.group);
            }
            text.push(digit);
        }
        text
    }

    /// With the power of ten and the sign of a percentage.
    fn finished(&self, mut number: NumberText) -> NumberText {
        if let Some(power) = self.power {
            let _ = write!(number.tail, "e{power}");
        }
        if self.percent {
            number.tail.push('%');
        }
        number
    }

    /// A style's notation with the groups of this text.
    fn notation(&self, style: &Notation) -> Notation {
        Notation {
            group: self.group.map(String::from).unwrap_or_default(),
            group_from: if self.group.is_some() { 4 } else { usize::MAX },
            ..style.clone()
        }
    }

    fn scaled(&self, value: f64) -> Option<Decimal> {
        Some(Decimal::new(value)?.shifted(if self.percent { 2 } else { 0 }))
    }
}

/// One sign for all that look alike.
fn plain(c: char) -> char {
    match c {
        '\u{2212}' | '\u{2010}'..='\u{2014}' | '\u{fe63}' | '\u{ff0d}' | '⁻' => '-',
        '\u{b7}' => '.',
        '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2007}' => ' ',
        '’' => '\'',
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => char::from_digit(c as u32 - '⁰' as u32, 10).unwrap_or(c),
        other => other,
    }
}

fn relation(text: &str) -> Result<(Relation, &str), String> {
    let named = text.strip_prefix(['p', 'P']).map(str::trim_start);
    let rest = named.unwrap_or(text);
    let signs = [
        ("<=", Relation::AtMost),
        (">=", Relation::AtLeast),
        ("≤", Relation::AtMost),
        ("≥", Relation::AtLeast),
        ("<", Relation::Less),
        (">", Relation::Greater),
        ("=", Relation::Equal),
    ];
    for (sign, relation) in signs {
        if let Some(rest) = rest.strip_prefix(sign) {
            return Ok((relation, rest.trim_start()));
        }
    }
    match named {
        Some(_) => Err("`=`, `<` or `>` must follow the p".to_owned()),
        None => Ok((Relation::Equal, rest)),
    }
}

fn sign(text: &str) -> (bool, &str) {
    if let Some(rest) = text.strip_prefix('-') {
        return (true, rest.trim_start());
    }
    (false, text.strip_prefix('+').unwrap_or(text))
}

/// The mantissa, and the power of ten where there is one.
fn power(text: &str) -> Result<(&str, Option<i32>), String> {
    let (mantissa, power) = if let Some((mantissa, rest)) = text.split_once(['e', 'E']) {
        (mantissa, rest)
    } else if let Some((mantissa, rest)) = text.split_once(['×', 'x']) {
        let rest = rest.trim_start().strip_prefix("10");
        let rest = rest.ok_or_else(|| "10 must follow the sign of multiplication".to_owned())?;
        (mantissa.trim_end(), rest.strip_prefix('^').unwrap_or(rest))
    } else {
        return Ok((text, None));
    };
    if !mantissa.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err("it is not a number".to_owned());
    }
    let power = power.parse::<i32>().ok();
    match power.filter(|p| p.abs() <= LARGEST_POWER) {
        Some(power) => Ok((mantissa, Some(power))),
        None => Err(format!(
            "the power of ten must be a whole number from -{LARGEST_POWER} to {LARGEST_POWER}"
        )),
    }
}

/// Digits without what stands between their groups of three, and that sign.
fn ungrouped(whole: &str) -> Result<(String, Option<char>), String> {
    let Some(sign) = whole.chars().find(|c| matches!(c, ',' | ' ' | '\'')) else {
        return Ok((whole.to_owned(), None));
    };
    let mut groups = whole.split(sign);
    let first = groups.next().unwrap_or_default();
    let sound = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    if !sound {
        return Err(format!(
            "`{sign}` can only stand between groups of three digits; the decimal point is a point"
        ));
    }
    Ok((whole.replace(sign, ""), Some(sign)))
}
