//! Fake ERPs and WMSs that enforce the vendors' contracts.
