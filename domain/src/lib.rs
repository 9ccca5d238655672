//! The rules: operations on the words, in one transaction each.
