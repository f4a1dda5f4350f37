//! Telling people: in-app notifications, and mail over SMTP from templates per tenant and locale.
