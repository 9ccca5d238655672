//! X12 and EDIFACT: bytes, segments, messages.
