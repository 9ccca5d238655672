//! Shipments in the schema: what is announced, how it is packed, when it may arrive.

pub mod appointment;
pub mod cancel;
pub mod change;
pub mod create;
pub mod input;
pub mod loaders;
pub mod packing;
pub mod page;
pub mod payload;
pub mod shipment;
pub mod submit;

use async_graphql::MergedObject;

pub use page::ShipmentQuery;
pub use shipment::Shipment;

/// What suppliers do about shipments.
#[derive(Default, MergedObject)]
pub struct ShipmentMutation(
    create::CreateShipmentMutation,
    change::ChangeShipmentMutation,
    submit::SubmitShipmentMutation,
    cancel::CancelShipmentMutation,
    appointment::AppointmentMutation,
);
