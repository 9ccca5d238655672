//! Change proposals, and procurement's decisions about them.
use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use quayside_canonical::{
    ChangeProposalId,
    acknowledgment::{self, DeviationKind},
    states::ProposalStatus,
};
use quayside_domain::{
    Failure,
    acknowledgments::{
        DecideError, DecideProposal, Decision, decide,
        query::{self, ProposalFilter},
    },
};
use quayside_entity::change_proposal;

use crate::{
    context::{buyer_scope, claim_error, coded, idempotency_key, internal, mark_replayed, scope},
    loaders::{OrderById, load},
    orders::PurchaseOrder,
    types::{
        Code, DateTime, Rows,
        connection::{PageInfo, Paging, bad_input},
        plain::plain,
        user_error::{ChangeProposalError, ChangeProposalErrorCode},
    },
};

plain! {
    /// An answer beyond tolerance, for procurement to decide.
    ChangeProposal {
        /// Globally unique id.
        id as "id": ID,
        /// The order.
        purchase_order_id as "purchaseOrderId": ID,
        /// The answer it came with.
        acknowledgment_id as "acknowledgmentId": ID,
        /// The revision that was answered.
        revision as "revision": i32,
        /// The line.
        line as "line": String,
        /// Where it stands.
        status as "status": Code<ProposalStatus>,
        /// What is beyond tolerance.
        deviations as "deviations": Vec<Deviation>,
        /// When it was opened.
        opened_at as "openedAt": DateTime,
        /// When it was decided or overtaken.
        decided_at as "decidedAt": Option<DateTime>,
        /// Procurement's words.
        note as "note": Option<String>,
    }

    /// How an answer differs from the order by more than is tolerated.
    Deviation {
        /// What differs.
        kind as "kind": Code<DeviationKind>,
        /// As ordered.
        ordered as "ordered": String,
        /// As answered.
        answered as "answered": String,
        /// The rule it breaks.
        rule as "rule": String,
    }
}

impl From<acknowledgment::Deviation> for Deviation {
    fn from(deviation: acknowledgment::Deviation) -> Self {
        let acknowledgment::Deviation { kind, ordered, answered, rule } = deviation;
        Self { kind: Code(kind), ordered, answered, rule }
    }
}

impl ChangeProposal {
    pub(crate) fn of(row: &change_proposal::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: ID(row.id.to_string()),
            purchase_order_id: ID(row.order_id.to_string()),
            acknowledgment_id: ID(row.acknowledgment_id.to_string()),
            revision: row.revision,
            line: row.line.clone(),
            status: Code(row.status),
            deviations: query::deviations(row)?.into_iter().map(Into::into).collect(),
            opened_at: DateTime(row.opened_at),
            decided_at: row.decided_at.map(DateTime),
            note: row.note.clone(),
        })
    }
}

/// A page of change proposals.
#[derive(SimpleObject)]
pub struct ChangeProposalConnection {
    /// The proposals.
    nodes: Rows<ChangeProposal>,
    /// Where the page stands in the list.
    page_info: PageInfo,
}

/// Queries about change proposals.
#[derive(Default)]
pub struct ProposalQuery;

#[Object]
impl ProposalQuery {
    /// Change proposals, the newest first.
    async fn change_proposals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100")] first: i32,
        #[graphql(desc = "Only after this cursor")] after: Option<String>,
        #[graphql(desc = "Only in this status")] status: Option<Code<ProposalStatus>>,
    ) -> Result<ChangeProposalConnection> {
        let scope = scope(ctx)?;
        let paging = Paging::new(Some(first), None, after, None)?;
        let after = paging.after.as_ref().map(|id| id.parse::<ChangeProposalId>()).transpose();
        let after = after.map_err(|_| bad_input("the cursor is not one of this list"))?;
        let filter = ProposalFilter { status: status.map(|code| code.0), order: None };
        let tx = scope.read().await.map_err(|failure| internal(&failure))?;
        let limit = u64::from(paging.size) + 1;
        let mut rows =
            query::proposals(&tx, scope, filter, after, limit).await.map_err(|failure| internal(&failure))?;
        let mut page_info = paging.cut(&mut rows);
        page_info.start_cursor = rows.first().map(|row| row.id.to_string());
        page_info.end_cursor = rows.last().map(|row| row.id.to_string());
        let nodes = rows.iter().map(ChangeProposal::of).collect::<Result<_, _>>();
        Ok(ChangeProposalConnection { nodes: Rows(nodes.map_err(|failure| internal(&failure))?), page_info })
    }
}

/// Procurement's word on a proposal.
#[derive(InputObject)]
pub struct DecideChangeProposalInput {
    /// The proposal.
    id: ID,
    /// Words to the supplier.
    note: Option<String>,
    /// Your key for this request: the same key with the same request gives the first result again.
    idempotency_key: Option<String>,
    /// Apply the same rules and write nothing.
    #[graphql(default)]
    validate_only: bool,
}

/// What became of a decision.
#[derive(Default, SimpleObject)]
pub struct ChangeProposalPayload {
    /// The order as it stands now.
    purchase_order: Option<PurchaseOrder>,
    /// The answers and proposals of the order show the decision.
    decided: bool,
    /// Every problem at once.
    user_errors: Vec<ChangeProposalError>,
}

/// Mutations of procurement about proposals.
#[derive(Default)]
pub struct ProposalMutation;

#[Object]
impl ProposalMutation {
    /// Agree: the order is to be changed to what the supplier proposed.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn accept_change_proposal(
        &self,
        ctx: &Context<'_>,
        input: DecideChangeProposalInput,
    ) -> Result<ChangeProposalPayload> {
        decide_as(ctx, input, Decision::Accept).await
    }

    /// Do not agree: the supplier has to answer the line again.
    #[graphql(visible = "crate::visible::to_buyers")]
    async fn decline_change_proposal(
        &self,
        ctx: &Context<'_>,
        input: DecideChangeProposalInput,
    ) -> Result<ChangeProposalPayload> {
        decide_as(ctx, input, Decision::Decline).await
    }
}

async fn decide_as(
    ctx: &Context<'_>,
    input: DecideChangeProposalInput,
    decision: Decision,
) -> Result<ChangeProposalPayload> {
    let scope = buyer_scope(ctx)?;
    let key = match input.validate_only {
        true => None,
        false => Some(idempotency_key(ctx, input.idempotency_key.as_ref())?),
    };
    let Ok(proposal) = input.id.parse::<ChangeProposalId>() else { return Ok(not_found()) };
    let request = DecideProposal { proposal, decision, note: input.note };
    match decide(&scope, &request, key.as_ref()).await {
        Ok(decided) => {
            mark_replayed(ctx, decided.replayed);
            let order = load(ctx, OrderById(decided.order)).await?.map(PurchaseOrder::new);
            Ok(ChangeProposalPayload {
                purchase_order: order,
                decided: key.is_some(),
                user_errors: Vec::new(),
            })
        }
        Err(DecideError::NotFound) => Ok(not_found()),
        Err(DecideError::Forbidden) => Err(coded("FORBIDDEN", DecideError::Forbidden.to_string())),
        Err(DecideError::Refused(problems)) => Ok(ChangeProposalPayload {
            user_errors: ChangeProposalError::all(problems),
            ..ChangeProposalPayload::default()
        }),
        Err(DecideError::Key(error)) => Err(claim_error(error)),
        Err(DecideError::Internal(failure)) => Err(internal(&failure)),
    }
}

fn not_found() -> ChangeProposalPayload {
    let user_errors =
        ChangeProposalError::one(ChangeProposalErrorCode::NotFound, "id", "no such change proposal");
    ChangeProposalPayload { user_errors, ..ChangeProposalPayload::default() }
}
