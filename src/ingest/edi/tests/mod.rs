//! From bytes to what is on file.
mod envelopes;
mod flow;
mod malformed;
mod samples;
mod support;
mod waiting;
