//! From report to document.
