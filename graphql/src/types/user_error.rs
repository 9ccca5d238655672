//! Refusals as data: one type per domain, all of the same shape.

/// Declares a domain's error codes and its error type.
macro_rules! user_errors {
    ($(#[doc = $doc:literal])* $error:ident, $code:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $text:literal,)* }) => {
        #[doc = concat!("Codes of `", stringify!($error), "`. New ones may be added.")]
        #[derive(async_graphql::Enum, Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $code {
            $($(#[doc = $vdoc])* $variant,)*
            /// The request breaks a rule without a code of its own; the message says which.
            Invalid,
        }

        impl $code {
            fn of(code: &str) -> Self {
                match code {
                    $($text => Self::$variant,)*
                    _ => Self::Invalid,
                }
            }
        }

        $(#[doc = $doc])*
        #[derive(async_graphql::SimpleObject, Clone, Debug)]
        pub struct $error {
            /// What is wrong, for programs.
            pub code: $code,
            /// Where: the path into the input.
            pub field: Option<Vec<String>>,
            /// What is wrong, for people.
            pub message: String,
        }

        impl From<quayside_canonical::Problem> for $error {
            fn from(problem: quayside_canonical::Problem) -> Self {
                let field = std::iter::once("input".to_owned()).chain(problem.field).collect();
                Self { code: $code::of(&problem.code), field: Some(field), message: problem.message }
            }
        }

        impl $error {
            /// Every problem as an error.
            #[must_use]
            pub fn all(problems: quayside_canonical::Problems) -> Vec<Self> {
                problems.into_vec().into_iter().map(Self::from).collect()
            }

            /// One error about one field of the input.
            #[must_use]
            pub fn one(code: $code, field: &str, message: impl Into<String>) -> Vec<Self> {
                let field = Some(vec!["input".to_owned(), field.to_owned()]);
                vec![Self { code, field, message: message.into() }]
            }
        }
    };
}

user_errors! {
    /// Why an answer was refused.
    AcknowledgmentError, AcknowledgmentErrorCode {
        /// There is no such order for you.
        NotFound = "NOT_FOUND",
        /// A newer revision is current; `changes` shows what is different.
        StaleRevision = "STALE_REVISION",
        /// Another answer to the line came first.
        StaleAnswer = "STALE_ANSWER",
        /// The line is answered; name the answer in `replaces` to change it.
        AlreadyAnswered = "ALREADY_ANSWERED",
        /// No line waits for an answer.
        NothingToAnswer = "NOTHING_TO_ANSWER",
        /// The buyer cancelled the order.
        OrderCancelled = "ORDER_CANCELLED",
        /// The buyer cancelled the line.
        LineCancelled = "LINE_CANCELLED",
        /// The order has no such line.
        UnknownLine = "UNKNOWN_LINE",
        /// The line comes twice.
        DuplicateLine = "DUPLICATE_LINE",
        /// The parts do not cover the ordered quantity.
        PartsDoNotAddUp = "PARTS_DO_NOT_ADD_UP",
        /// The unit does not convert to the line's exactly.
        UnitMismatch = "UNIT_MISMATCH",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too many items.
        TooMany = "TOO_MANY",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a decision was refused.
    ChangeProposalError, ChangeProposalErrorCode {
        /// There is no such proposal for you.
        NotFound = "NOT_FOUND",
        /// The proposal is decided or overtaken.
        NotOpen = "NOT_OPEN",
        /// Too long a text.
        TooLong = "TOO_LONG",
    }
}

user_errors! {
    /// Why a word on a discrepancy was refused.
    DiscrepancyError, DiscrepancyErrorCode {
        /// There is no such discrepancy for you.
        NotFound = "NOT_FOUND",
        /// The discrepancy is decided or withdrawn.
        NotOpen = "NOT_OPEN",
        /// The resolution makes no sense for what differs.
        ResolutionDoesNotFit = "RESOLUTION_DOES_NOT_FIT",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A value that cannot be used.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a delivery was left as it is.
    DeliveryError, DeliveryErrorCode {
        /// There is no such delivery for you.
        NotFound = "NOT_FOUND",
        /// The delivery is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too long a text.
        TooLong = "TOO_LONG",
    }
}

user_errors! {
    /// Why there is no example of a document.
    SampleProblem, SampleProblemCode {
        /// There is no such trading partner or order for you.
        NotFound = "NOT_FOUND",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
        /// We write no such document.
        NotSupported = "NOT_SUPPORTED",
        /// Something does not fit into the message.
        TooLong = "TOO_LONG",
    }
}

user_errors! {
    /// Why a feed was not asked for, or a message not tried again.
    InboundError, InboundErrorCode {
        /// There is no such feed or message for you.
        NotFound = "NOT_FOUND",
        /// The message is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// The message is not kept any more.
        NotKept = "NOT_KEPT",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a file was not tried, or an interchange not dealt with again.
    InterchangeError, InterchangeErrorCode {
        /// There is no such interchange or trading partner for you.
        NotFound = "NOT_FOUND",
        /// The interchange is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// More bytes than are tried at once.
        TooLarge = "TOO_LARGE",
        /// Something is missing.
        Required = "REQUIRED",
        /// A value that cannot be used.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a webhook endpoint or a delivery to one was left as it is.
    WebhookError, WebhookErrorCode {
        /// There is no such endpoint or delivery for you.
        NotFound = "NOT_FOUND",
        /// The endpoint or the delivery is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// The address may not be called; the message says why.
        InvalidUrl = "INVALID_URL",
        /// There is no such type of event for you.
        UnknownType = "UNKNOWN_TYPE",
        /// As many endpoints as one may have are there.
        TooMany = "TOO_MANY",
        /// Something is missing.
        Required = "REQUIRED",
        /// The same thing is named twice.
        Duplicate = "DUPLICATE",
        /// A text that is empty or too long.
        InvalidLength = "INVALID_LENGTH",
        /// A text with characters that do not belong there.
        InvalidText = "INVALID_TEXT",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a connection was left as it is.
    ConnectionError, ConnectionErrorCode {
        /// There is no such connection, delivery, event, supplier or warehouse for you.
        NotFound = "NOT_FOUND",
        /// The connection changed since the revision you name.
        StaleRevision = "STALE_REVISION",
        /// Another connection has the name.
        Taken = "TAKEN",
        /// There is no such kind of system.
        UnknownKind = "UNKNOWN_KIND",
        /// The kind does not understand the configuration.
        InvalidConfig = "INVALID_CONFIG",
        /// The kind has no such secret.
        UnknownSecret = "UNKNOWN_SECRET",
        /// A secret stands in the configuration.
        SecretInConfig = "SECRET_IN_CONFIG",
        /// The address changes, so the secret has to be said again.
        SecretRequired = "SECRET_REQUIRED",
        /// The address may not be called.
        EndpointForbidden = "ENDPOINT_FORBIDDEN",
        /// The filter is no jq, uses what is not allowed, or fails on a recent event.
        InvalidFilter = "INVALID_FILTER",
        /// There is no such type of event.
        UnknownEventType = "UNKNOWN_EVENT_TYPE",
        /// The kind does not send events of this type on.
        NotAccepted = "NOT_ACCEPTED",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too many items.
        TooMany = "TOO_MANY",
        /// A text that is empty or too long.
        InvalidLength = "INVALID_LENGTH",
        /// A text with characters that do not belong there.
        InvalidText = "INVALID_TEXT",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a trading partner was left as it is.
    TradingPartnerError, TradingPartnerErrorCode {
        /// There is no such trading partner, supplier or connection for you.
        NotFound = "NOT_FOUND",
        /// The trading partner changed since the revision you name.
        StaleRevision = "STALE_REVISION",
        /// The trading partner is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// Another trading partner has the name, or the identifier on the same channel.
        Taken = "TAKEN",
        /// The connection is of a kind that carries no EDI.
        WrongKind = "WRONG_KIND",
        /// Real data would go to a trial system.
        WrongEnvironment = "WRONG_ENVIRONMENT",
        /// The syntax has no such version, or none that we write.
        UnknownVersion = "UNKNOWN_VERSION",
        /// The character cannot separate anything.
        InvalidDelimiter = "INVALID_DELIMITER",
        /// The version that is written has no such thing.
        NotUsed = "NOT_USED",
        /// The document does not go that way between a buyer and its supplier.
        WrongWay = "WRONG_WAY",
        /// Something else that was agreed says the opposite.
        Contradiction = "CONTRADICTION",
        /// The word has another meaning already.
        Ambiguous = "AMBIGUOUS",
        /// The word means nothing.
        UnknownCode = "UNKNOWN_CODE",
        /// A number outside its range.
        OutOfRange = "OUT_OF_RANGE",
        /// Something is missing.
        Required = "REQUIRED",
        /// The same thing is named twice.
        Duplicate = "DUPLICATE",
        /// Too many items.
        TooMany = "TOO_MANY",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A text or a list that is empty or too long.
        InvalidLength = "INVALID_LENGTH",
        /// A text with characters that do not belong there.
        InvalidText = "INVALID_TEXT",
        /// A value that cannot be used.
        InvalidValue = "INVALID_VALUE",
        /// A time that is over.
        InThePast = "IN_THE_PAST",
    }
}

user_errors! {
    /// Why a sign-in or a token was refused.
    IdentityError, IdentityErrorCode {
        /// Address and password do not go together.
        InvalidCredentials = "INVALID_CREDENTIALS",
        /// Too many tries; the message says how long to wait.
        Throttled = "THROTTLED",
        /// There is no such thing for you.
        NotFound = "NOT_FOUND",
        /// A permission you do not have yourself.
        ScopeNotGranted = "NOT_GRANTED",
        /// As many tokens as one may have are in use.
        TooManyTokens = "TOO_MANY_TOKENS",
        /// Something is missing.
        Required = "REQUIRED",
        /// The same thing is named twice.
        Duplicate = "DUPLICATE",
        /// A text that is empty or too long.
        InvalidLength = "INVALID_LENGTH",
        /// A text with characters that do not belong there.
        InvalidText = "INVALID_TEXT",
        /// A time that is over.
        InThePast = "IN_THE_PAST",
        /// A time too far ahead.
        TooFarAhead = "TOO_FAR_AHEAD",
    }
}

user_errors! {
    /// Why an exception, a comment or a route was left as it is.
    ExceptionError, ExceptionErrorCode {
        /// There is no such exception or supplier for you.
        NotFound = "NOT_FOUND",
        /// The buyer sees to it: you may look, write and comment.
        NotYours = "NOT_YOURS",
        /// The exception is not in a state for this.
        InvalidState = "INVALID_STATE",
        /// The same cause has another open exception.
        AnotherOpen = "ANOTHER_OPEN",
        /// Nobody of the buyer's has this id.
        UnknownPerson = "UNKNOWN_PERSON",
        /// No supplier is concerned.
        NotTheSuppliers = "NOT_THE_SUPPLIERS",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}

user_errors! {
    /// Why a message was refused.
    MessageError, MessageErrorCode {
        /// There is no such order, shipment or exception for you.
        NotFound = "NOT_FOUND",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too long a text.
        TooLong = "TOO_LONG",
    }
}

user_errors! {
    /// Why preferences were left as they are.
    NotificationError, NotificationErrorCode {}
}

user_errors! {
    /// Why a shipment was left as it is. In paths, `order` stands for `purchaseOrderId` or `orderNumber`.
    ShipmentError, ShipmentErrorCode {
        /// There is no such shipment for you.
        NotFound = "NOT_FOUND",
        /// The shipment changed since the version you name.
        StaleVersion = "STALE_VERSION",
        /// A shipment of yours, cancelled or not, has the number.
        NumberTaken = "NUMBER_TAKEN",
        /// The shipment is announced: amend it.
        NotADraft = "NOT_A_DRAFT",
        /// The shipment is a draft: update it.
        NotAnnounced = "NOT_ANNOUNCED",
        /// The shipment is cancelled.
        Cancelled = "CANCELLED",
        /// The warehouse has begun to receive it.
        ReceivingBegan = "RECEIVING_BEGAN",
        /// There is no such order for you.
        UnknownOrder = "UNKNOWN_ORDER",
        /// The order, or the shipment, has no such line.
        UnknownLine = "UNKNOWN_LINE",
        /// The line comes twice.
        DuplicateLine = "DUPLICATE_LINE",
        /// Nothing of the orders is still to be shipped.
        NothingOpen = "NOTHING_OPEN",
        /// The buyer cancelled the order.
        OrderCancelled = "ORDER_CANCELLED",
        /// The buyer cancelled the line.
        LineCancelled = "LINE_CANCELLED",
        /// The line has to be answered and agreed before it is shipped.
        NotAcknowledged = "NOT_ACKNOWLEDGED",
        /// More than is wanted and tolerated.
        OverShipped = "OVER_SHIPPED",
        /// The unit does not convert to the order line's exactly.
        UnitMismatch = "UNIT_MISMATCH",
        /// What is packed is not what is shipped.
        ContentsDoNotAddUp = "CONTENTS_DO_NOT_ADD_UP",
        /// No handling unit has this key.
        UnknownUnit = "UNKNOWN_UNIT",
        /// The key names another handling unit already.
        DuplicateUnit = "DUPLICATE_UNIT",
        /// Handling units stand in themselves, or too deep in one another.
        UnitsTooDeep = "UNITS_TOO_DEEP",
        /// The text is no SSCC.
        InvalidSscc = "INVALID_SSCC",
        /// Another handling unit of the shipment has the SSCC.
        DuplicateSscc = "DUPLICATE_SSCC",
        /// Another shipment had the SSCC less than twelve months ago.
        SsccInUse = "SSCC_IN_USE",
        /// No GS1 company prefix is on file for you, so no SSCC can be given out.
        NoCompanyPrefix = "NO_COMPANY_PREFIX",
        /// A serial number comes twice.
        DuplicateSerial = "DUPLICATE_SERIAL",
        /// No slot is asked for or given.
        NoAppointment = "NO_APPOINTMENT",
        /// The goods are not announced, or have arrived: there is nothing to book.
        NotExpected = "NOT_EXPECTED",
        /// A time that is over.
        InThePast = "IN_THE_PAST",
        /// Something is missing.
        Required = "REQUIRED",
        /// Too many items.
        TooMany = "TOO_MANY",
        /// Too long a text.
        TooLong = "TOO_LONG",
        /// A value outside its range.
        InvalidValue = "INVALID_VALUE",
    }
}
