//! Out: a file appears whole, once.
use super::{Layout, Place, PlaceError};
use crate::DeliveryError;

/// Puts a file, unless the delivery `id` did before.
pub(crate) async fn put(
    place: &dyn Place,
    layout: &Layout,
    id: &str,
    name: &str,
    bytes: &[u8],
) -> Result<(), DeliveryError> {
    if was_put(place, layout, id, name).await.map_err(PlaceError::before)? {
        return Ok(());
    }
    let (out, work) = (layout.outbox.as_str(), layout.work.as_str());
    if let Some(there) = place.find(out, name).await.map_err(PlaceError::before)? {
        let same = there.size == bytes.len() as u64
            && place.read(out, name, there.size + 1).await.map_err(PlaceError::before)? == bytes;
        return if same { Ok(()) } else { Err(taken(name)) };
    }
    let (unfinished, marker) = (unfinished(name), marker(id));
    place.write(out, &unfinished, bytes).await.map_err(PlaceError::before)?;
    place.write(work, &marker, name.as_bytes()).await.map_err(PlaceError::before)?;
    place.rename((out, &unfinished), (out, name)).await.map_err(PlaceError::after)?;
    // It is out. Should the mark stay where it is, it says the same there.
    if let Err(error) = place.rename((work, &marker), (&layout.sent, id)).await {
        tracing::warn!(%error, "a file was sent, and its mark stays in the work folder");
    }
    Ok(())
}

/// Whether the delivery `id` put its file, wherever that may be by now.
pub(crate) async fn was_put(
    place: &dyn Place,
    layout: &Layout,
    id: &str,
    name: &str,
) -> Result<bool, PlaceError> {
    if place.find(&layout.sent, id).await?.is_some() {
        return Ok(true);
    }
    let is_marked = place.find(&layout.work, &marker(id)).await?.is_some();
    Ok(is_marked && place.find(&layout.outbox, &unfinished(name)).await?.is_none())
}

fn unfinished(name: &str) -> String {
    format!("{name}.tmp")
}

fn marker(id: &str) -> String {
    format!("{id}.sending")
}

fn taken(name: &str) -> DeliveryError {
    DeliveryError::Refused {
        code: "NAME_TAKEN".to_owned(),
        message: format!("another file is called {name} in the folder for the partner"),
    }
}
