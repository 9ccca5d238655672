//! Roles, permissions and kinds of tokens.
use crate::macros::words;

words! {
    /// What a person may do in a tenant.
    Role {
        /// Buyer side: everything, people and connections included.
        BuyerAdmin = "BUYER_ADMIN",
        /// Buyer side: orders, proposals, exceptions.
        Procurement = "PROCUREMENT",
        /// Buyer side: may read everything.
        Auditor = "AUDITOR",
        /// Supplier side: everything of the supplier, people included.
        SupplierAdmin = "SUPPLIER_ADMIN",
        /// Supplier side: may answer.
        SupplierEditor = "SUPPLIER_EDITOR",
        /// Supplier side: may read.
        SupplierViewer = "SUPPLIER_VIEWER",
    }

    /// One thing a caller may be allowed to do. A role grants some, a token's scopes narrow them.
    Permission {
        /// See orders, answers and events.
        OrdersRead = "ORDERS_READ",
        /// Answer purchase orders.
        OrdersAnswer = "ORDERS_ANSWER",
        /// Decide change proposals.
        ProposalsDecide = "PROPOSALS_DECIDE",
        /// Announce, change and cancel shipments, and ask for appointments.
        ShipmentsManage = "SHIPMENTS_MANAGE",
        /// Decide about discrepancies.
        DiscrepanciesDecide = "DISCREPANCIES_DECIDE",
        /// Work on exceptions: acknowledge, assign, resolve, comment.
        ExceptionsManage = "EXCEPTIONS_MANAGE",
        /// Write to the other side.
        MessagesPost = "MESSAGES_POST",
        /// Redrive and skip deliveries, and see exceptions.
        DeliveriesManage = "DELIVERIES_MANAGE",
        /// Set up webhook endpoints, and see what is sent to them.
        WebhooksManage = "WEBHOOKS_MANAGE",
        /// Set up and change connections to other systems.
        ConnectionsManage = "CONNECTIONS_MANAGE",
        /// Make and revoke one's own API tokens.
        TokensManage = "TOKENS_MANAGE",
    }

    /// Whose a bearer token is.
    TokenKind {
        /// A person's program.
        Api = "API",
        /// An ERP or WMS that hands in documents.
        Connection = "CONNECTION",
        /// A trading partner's EDI channel.
        Partner = "PARTNER",
    }
}

impl Role {
    /// Whether the role is on the buyer's side.
    #[must_use]
    pub const fn is_buyer(self) -> bool {
        matches!(self, Self::BuyerAdmin | Self::Procurement | Self::Auditor)
    }

    /// What the role allows.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission::{
            ConnectionsManage, DeliveriesManage, DiscrepanciesDecide, ExceptionsManage, MessagesPost,
            OrdersAnswer, OrdersRead, ProposalsDecide, ShipmentsManage, TokensManage, WebhooksManage,
        };
        match self {
            Self::BuyerAdmin | Self::Procurement => &[
                OrdersRead,
                ProposalsDecide,
                DiscrepanciesDecide,
                ExceptionsManage,
                MessagesPost,
                DeliveriesManage,
                WebhooksManage,
                ConnectionsManage,
                TokensManage,
            ],
            Self::Auditor | Self::SupplierViewer => &[OrdersRead, TokensManage],
            Self::SupplierAdmin => &[
                OrdersRead,
                OrdersAnswer,
                ShipmentsManage,
                ExceptionsManage,
                MessagesPost,
                WebhooksManage,
                TokensManage,
            ],
            Self::SupplierEditor => {
                &[OrdersRead, OrdersAnswer, ShipmentsManage, ExceptionsManage, MessagesPost, TokensManage]
            }
        }
    }
}
