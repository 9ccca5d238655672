//! From bytes to what is on file.
mod advices;
mod envelopes;
mod flow;
mod malformed;
mod parts;
mod samples;
mod support;
mod waiting;
