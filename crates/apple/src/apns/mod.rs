//! apns
