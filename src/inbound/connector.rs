//! The connector that reads for a connection.
use quayside_connectors::Connector;
use quayside_domain::connections;
use quayside_entity::connection;

use super::Intake;

impl Intake {
    /// Builds the connection's connector, or says in words why that cannot be done.
    pub(super) fn connector(&self, connection: &connection::Model) -> Result<Box<dyn Connector>, String> {
        let secret = connections::open_secret(&self.vault, connection).map_err(|error| error.to_string())?;
        let mut config: serde_json::Value =
            serde_json::from_str(&connection.config).map_err(|error| error.to_string())?;
        if let Some(config) = config.as_object_mut() {
            config.remove("eventTypes");
            config.insert("signing_secret".to_owned(), secret.expose().into());
        }
        quayside_connectors::build(&connection.kind, config).map_err(|error| error.to_string())
    }
}
