//! What people read of what keeps a device out.

use mandate_engine::Barrier;
use mandate_web::Language;

/// Why a device may not be enrolled, for whoever holds it.
pub fn barrier_text(language: Language, barrier: &Barrier) -> String {
    language.text(&format!("barrier-{}", barrier.code()))
}

#[cfg(test)]
mod tests {
    use mandate_engine::PlatformCause;

    use super::*;

    /// Where the codes stand: a barrier cannot be without one, so none is missed.
    const SOURCE: &str = include_str!("../../engine/src/enrolment/admission/barrier.rs");

    fn codes() -> Vec<&'static str> {
        let from = SOURCE.split("fn code(").nth(1).unwrap();
        let body = from.split("\n    }\n").next().unwrap();
        let arms = body.split("=> \"").skip(1);
        let causes = [PlatformCause::SwitchedOff, PlatformCause::NoPushCertificate];
        arms.filter_map(|arm| arm.split('"').next())
            .chain(causes.map(PlatformCause::code))
            .collect()
    }

    #[test]
    fn every_barrier_has_a_text_in_every_language() {
        let codes = codes();
        let known = Barrier::TooManyDevices { most: 3 };
        assert!(codes.contains(&known.code()), "{codes:?}");
        assert!(codes.contains(&Barrier::ManagedPartByManager.code()));
        for language in Language::ALL {
            for code in &codes {
                let id = format!("barrier-{code}");
                assert_ne!(language.text(&id), id, "{language:?}");
            }
            assert!(!barrier_text(language, &known).starts_with("barrier-"));
        }
    }
}
