//! `generateSample`: an example of a document, in a partner's own set-up.
use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use quayside_canonical::states::{EdiDocument, EdiWay};
use quayside_domain::exchange::{AskSample, SampleError, Samples, sample};

use crate::{
    context::{internal, scope},
    types::{
        Code,
        user_error::{SampleProblem, SampleProblemCode},
    },
};

/// An example of a document.
#[derive(Default, SimpleObject)]
pub struct SamplePayload {
    /// Its text.
    content: Option<String>,
    /// What it is in the standard: `855`, `ORDRSP`.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// The name of a file it could be.
    file_name: Option<String>,
    /// Its media type.
    media_type: Option<String>,
    /// Every problem at once.
    user_errors: Vec<SampleProblem>,
}

/// Examples of EDI.
#[derive(Default)]
pub struct SampleQuery;

#[Object]
impl SampleQuery {
    /// A valid example of a document, in the words, the version and the identifiers that were agreed with a trading
    /// partner. Of an order of its supplier, where it has one. Nothing is sent, and no control number is used up.
    async fn generate_sample(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The trading partner")] trading_partner_id: ID,
        #[graphql(desc = "Which document")] document: Code<EdiDocument>,
        #[graphql(
            desc = "Which way it goes, for reports and advices that go both ways: as from the partner, where \
                          nothing is said"
        )]
        way: Option<Code<EdiWay>>,
        #[graphql(desc = "Of this purchase order; of the newest, where nothing is said")]
        purchase_order_id: Option<ID>,
    ) -> Result<SamplePayload> {
        let scope = scope(ctx)?;
        let samples = ctx.data::<Arc<dyn Samples>>()?;
        let Ok(partner) = trading_partner_id.parse() else { return refused(SampleError::NotFound) };
        let Ok(order) = purchase_order_id.map(|id| id.parse()).transpose() else {
            return refused(SampleError::OrderNotFound);
        };
        let ask = AskSample { partner, document: document.0, way: way.map(|way| way.0), order };
        match sample(scope, samples.as_ref(), ask).await {
            Ok(made) => Ok(SamplePayload {
                content: Some(String::from_utf8_lossy(&made.content).into_owned()),
                kind: Some(made.kind),
                file_name: Some(made.file_name),
                media_type: Some(made.media_type.to_owned()),
                user_errors: Vec::new(),
            }),
            Err(error) => refused(error),
        }
    }
}

fn refused(error: SampleError) -> Result<SamplePayload> {
    let one = |code, field: &str, words: String| SampleProblem::one(code, field, words);
    let user_errors = match error {
        SampleError::NotFound => one(SampleProblemCode::NotFound, "tradingPartnerId", error.to_string()),
        SampleError::OrderNotFound => one(SampleProblemCode::NotFound, "purchaseOrderId", error.to_string()),
        SampleError::Refused(problems) => SampleProblem::all(problems),
        SampleError::Internal(failure) => return Err(internal(&failure)),
    };
    Ok(SamplePayload { user_errors, ..SamplePayload::default() })
}
