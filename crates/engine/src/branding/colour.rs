//! Colours, and whether people can read what stands on them.

use serde::{Deserialize, Serialize};

/// The smallest contrast of text, WCAG 2.2 §1.4.3.
pub const TEXT_CONTRAST: f64 = 4.5;

/// A colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Colour {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Colour {
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// A colour by its parts.
    pub const fn new(r: u8, g: u8, b: u8) -> Self {
        Self { r, g, b }
    }

    /// Reads `#rrggbb` or `#rgb`, in any letter case.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let [_, r, g, b] = value.to_be_bytes();
        match digits.len() {
            6 => Some(Self { r, g, b }),
            // Each digit stands for two of the same: `1f` are the digits of red and green here.
            3 => Some(Self {
                r: g % 16 * 17,
                g: b / 16 * 17,
                b: b % 16 * 17,
            }),
            _ => None,
        }
    }

    /// Contrast with another colour, from 1 (the same) to 21 (black and white); WCAG 2.2, *contrast ratio*.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever reads better on this colour. One of both always has a contrast of 4.58 and more.
    #[must_use]
    pub fn text_on(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    /// The nearest shade of this colour that can be read on all of these grounds: darker where they are light, lighter
    /// where they are dark. Where grounds are both, the one of black and white that reads better.
    #[must_use]
    pub fn legible_on(self, grounds: &[Self]) -> Self {
        let reads = |colour: &Self| {
            grounds
                .iter()
                .all(|ground| colour.contrast(*ground) >= TEXT_CONTRAST)
        };
        let towards = |end: Self| {
            (0..=STEPS)
                .map(|step| self.mixed(end, step))
                .enumerate()
                .find(|(_, shade)| reads(shade))
        };
        match (towards(Self::BLACK), towards(Self::WHITE)) {
            (Some((steps, darker)), Some((more, lighter))) => {
                if steps <= more {
                    darker
                } else {
                    lighter
                }
            }
            (Some((_, shade)), None) | (None, Some((_, shade))) => shade,
            (None, None) => {
                let least = |colour: Self| {
                    let ratios = grounds.iter().map(|ground| colour.contrast(*ground));
                    ratios.fold(f64::INFINITY, f64::min)
                };
                if least(Self::BLACK) >= least(Self::WHITE) {
                    Self::BLACK
                } else {
                    Self::WHITE
                }
            }
        }
    }

    /// This colour on the way to another one: so many hundredths of it, at most all.
    #[must_use]
    pub fn towards(self, end: Self, hundredths: u8) -> Self {
        self.mixed(end, u16::from(hundredths.min(100)))
    }

    /// The same in steps of which the last is the other.
    fn mixed(self, end: Self, step: u16) -> Self {
        let part = |from: u8, to: u8| {
            let mixed = (u16::from(from) * (STEPS - step) + u16::from(to) * step) / STEPS;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self {
            r: part(self.r, end.r),
            g: part(self.g, end.g),
            b: part(self.b, end.b),
        }
    }

    /// WCAG 2.2, *relative luminance*.
    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }
}

/// `#rrggbb`, as in stylesheets and in the field of a form.
impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }
}

/// Into how many steps the way to black or white is cut.
const STEPS: u16 = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_colour() -> impl Strategy<Value = Colour> {
        any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Colour::new(r, g, b))
    }

    #[test]
    fn it_is_read_as_people_write_it() {
        for (text, colour) in [
            ("#1f5f8b", Some(Colour::new(0x1f, 0x5f, 0x8b))),
            (" #1F5F8B ", Some(Colour::new(0x1f, 0x5f, 0x8b))),
            ("#1a0", Some(Colour::new(0x11, 0xaa, 0))),
            ("#fff", Some(Colour::WHITE)),
            ("1f5f8b", None),
            ("#1f5f8", None),
            ("#+f5f8b", None),
            ("#", None),
            ("red", None),
            ("#ffffff;}", None),
            ("#ÄÖ", None),
        ] {
            assert_eq!(Colour::parse(text), colour, "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        let near = |one: f64, two: f64| (one - two).abs() < 0.01;
        assert!(near(Colour::BLACK.contrast(Colour::WHITE), 21.0));
        assert!(near(Colour::WHITE.contrast(Colour::WHITE), 1.0));
        // The grey that is just enough on white, and the next one that is not.
        assert!(Colour::new(0x76, 0x76, 0x76).contrast(Colour::WHITE) >= TEXT_CONTRAST);
        assert!(Colour::new(0x77, 0x77, 0x77).contrast(Colour::WHITE) < TEXT_CONTRAST);
    }

    #[test]
    fn a_colour_that_reads_already_stays() {
        let navy = Colour::new(0, 32, 96);
        assert_eq!(navy.legible_on(&[Colour::WHITE]), navy);
        assert_ne!(navy.legible_on(&[Colour::BLACK]), navy);
    }

    #[test]
    fn grounds_that_exclude_each_other_end_in_the_better_extreme() {
        let red = Colour::new(200, 0, 0);
        let grey = Colour::new(0x77, 0x77, 0x77);
        let shade = red.legible_on(&[Colour::BLACK, Colour::WHITE, grey]);
        assert!([Colour::BLACK, Colour::WHITE].contains(&shade));
        // Something in the middle reads on black and on white, just so.
        let shade = red.legible_on(&[Colour::BLACK, Colour::WHITE]);
        assert!(shade.contrast(Colour::BLACK) >= TEXT_CONTRAST);
        assert!(shade.contrast(Colour::WHITE) >= TEXT_CONTRAST);
    }

    proptest! {
        #[test]
        fn text_reads_on_every_colour(colour in any_colour()) {
            prop_assert!(colour.contrast(colour.text_on()) >= TEXT_CONTRAST);
        }

        #[test]
        fn every_colour_has_a_shade_that_reads(colour in any_colour()) {
            let light = [Colour::WHITE, Colour::new(0xf3, 0xf5, 0xf7)];
            let dark = [Colour::new(0x10, 0x15, 0x1a), Colour::new(0x1a, 0x21, 0x28)];
            for grounds in [light, dark] {
                let shade = colour.legible_on(&grounds);
                for ground in grounds {
                    prop_assert!(shade.contrast(ground) >= TEXT_CONTRAST);
                }
            }
        }

        #[test]
        fn what_is_written_is_read_back(colour in any_colour()) {
            prop_assert_eq!(Colour::parse(&colour.to_string()), Some(colour));
        }
    }
}
