//! Alerts: what somebody should know before it is too late, said once and delivered until it was heard.
//!
//! ```text
//!  watch_expiry ──► alert (one row per certificate and threshold) ──► deliver_alerts ──► AlertCourier
//! ```

mod deliver;
mod watch;

pub use deliver::{AlertCourier, AlertMessage, Delivery, DeliveryOutcome};
pub use watch::{ExpiryWatch, WatchedCertificate};
