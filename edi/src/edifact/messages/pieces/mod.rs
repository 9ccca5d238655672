//! The pieces EDIFACT messages are made of.

mod answers;
mod heading;
mod identities;
mod line;
mod money;
mod transport;

pub use answers::{
    ApplicationError, ElementResponse, GroupResponse, InterchangeResponse, MessageResponse, SegmentResponse,
};
pub use heading::{
    Communication, Contact, Count, DateTime, Document, Location, OtherDocument, Party, Reference, Text,
};
pub use identities::{Identities, ItemId, ItemIds};
pub use line::{Adjustment, Description, Level, Line, Quantity, Schedule, Variance};
pub use money::{Allowance, Amount, Currency, PaymentTerms, Percentage, Price, Tax};
pub use transport::{DeliveryTerms, Equipment, Marks, Measurement, Package, Transport};
