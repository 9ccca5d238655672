//! Whose an interchange is, what a token may do, and within what time orders are answered.
use quayside_canonical::{
    Actor, ConnectionId, SupplierId,
    identity::{Permission, TokenKind},
    partner::{Agreement, DocumentRule},
    states::{ConnectionStatus, EdiDocument, EdiWay, Environment, PartnerMode},
};
use quayside_entity::{connection, trading_partner};
use sea_orm::{ActiveModelTrait, Set};

use super::*;
use crate::{
    BuyerScope, Store,
    idempotency::IdempotencyKey,
    identity::{Credential, IdentitySettings, Principal, Via, authenticate},
    suppliers::rules_of,
    testing,
};

struct World {
    store: Store,
    scope: BuyerScope,
    supplier: SupplierId,
}

fn id(text: &str) -> Identifier {
    Identifier { qualifier: "ZZ".to_owned(), id: text.to_owned() }
}

fn key() -> IdempotencyKey {
    uuid::Uuid::now_v7().to_string().parse().unwrap()
}

fn settings(name: &str, theirs: &[&str], ours: &[&str]) -> Settings {
    Settings {
        identifiers: theirs.iter().map(|one| id(one)).collect(),
        agreement: Agreement { ours: ours.iter().map(|one| id(one)).collect(), ..Agreement::default() },
        ..Settings::new(name, PartnerMode::Mirror, Environment::Live)
    }
}

impl World {
    async fn new() -> Self {
        let store = testing::store().await;
        let (tenant, supplier) = testing::tenant(&store).await;
        let scope = testing::scope(&store, tenant, None).as_buyer().unwrap();
        Self { store, scope, supplier }
    }

    async fn partner(&self, settings: Settings) -> trading_partner::Model {
        let new = NewPartner::new(self.supplier, settings);
        create_partner(&self.scope, new, Some(&key())).await.unwrap().unwrap().partner
    }

    async fn channel(&self) -> ConnectionId {
        let id = ConnectionId::generate();
        let now = self.store.clock().now();
        let row = connection::ActiveModel {
            id: Set(id),
            tenant_id: Set(self.scope.tenant),
            kind: Set("edi-folder".to_owned()),
            name: Set("Folder".to_owned()),
            environment: Set(Environment::Live),
            config: Set("{}".to_owned()),
            sealed_secret: Set(Vec::new()),
            status: Set(ConnectionStatus::Active),
            created_at: Set(now),
            updated_at: Set(now),
            receives: Set("{}".to_owned()),
            code_system: Set("ERP".to_owned()),
            revision: Set(1),
            codes_revision: Set(0),
            confirm_percent: Set(100),
            ..Default::default()
        };
        let tx = self.scope.write().await.unwrap();
        row.insert(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// The name and the way, or the code of the refusal.
    async fn at(&self, door: Door, sender: &str, receiver: &str) -> String {
        match by_sender(&self.scope, door, &id(sender), &id(receiver)).await {
            Ok(known) => {
                let way = known.way.map_or("?".to_owned(), |way| way.to_string());
                format!("{} {way}", known.partner.name)
            }
            Err(error) => error.code().unwrap().to_owned(),
        }
    }
}

#[tokio::test]
async fn a_token_takes_its_own_partners_interchanges_only() {
    let world = World::new().await;
    let mirrored = world.partner(settings("Mirrored", &["SOUTH", "SOUTH2"], &["NORTH"])).await;
    let door = Door::Token(mirrored.id);
    assert_eq!(world.at(door, "SOUTH", "NORTH").await, "Mirrored IN");
    assert_eq!(world.at(door, "SOUTH2         ", " NORTH").await, "Mirrored IN", "spaces fill up");
    assert_eq!(world.at(door, "NORTH", "SOUTH").await, "Mirrored OUT", "the translator's copy");
    assert_eq!(world.at(door, "WEST", "NORTH").await, "SENDER_NOT_THEIRS");
    assert_eq!(world.at(door, "SOUTH", "EAST").await, "UNKNOWN_RECEIVER");
    assert_eq!(world.at(door, "EAST", "SOUTH").await, "SENDER_NOT_THEIRS", "nor is it from us");
    let other = Identifier { qualifier: "01".to_owned(), id: "SOUTH".to_owned() };
    let known = by_sender(&world.scope, door, &other, &id("NORTH")).await;
    assert!(matches!(known, Err(SenderError::NotTheirs { .. })), "the qualifier is part of the name");

    let exchanged = Settings {
        mode: PartnerMode::Exchange,
        connection_id: Some(world.channel().await),
        ..settings("Exchanged", &["WEST"], &["NORTH"])
    };
    let door = Door::Token(world.partner(exchanged).await.id);
    assert_eq!(world.at(door, "WEST", "NORTH").await, "Exchanged IN");
    assert_eq!(world.at(door, "NORTH", "WEST").await, "SENT_BY_US");

    let open = Door::Token(world.partner(settings("Open", &["EAST"], &[])).await.id);
    assert_eq!(world.at(open, "EAST", "ANYBODY").await, "Open IN");
    assert_eq!(world.at(open, "ANYBODY", "EAST").await, "Open OUT");

    let (elsewhere, _) = testing::tenant(&world.store).await;
    let foreign = testing::scope(&world.store, elsewhere, None);
    let refused = by_sender(&foreign, open, &id("EAST"), &id("NORTH")).await.unwrap_err();
    assert_eq!(refused.code(), Some("UNKNOWN_SENDER"), "another tenant's partner is none");
}

#[tokio::test]
async fn a_connection_serves_several_partners_and_tells_them_by_their_identifiers() {
    let world = World::new().await;
    let channel = world.channel().await;
    let through = |settings: Settings| Settings { connection_id: Some(channel), ..settings };
    let south = world.partner(through(settings("South", &["VAN"], &["NORTH"]))).await;
    world.partner(through(settings("West", &["VAN", "WEST"], &["NORTH2"]))).await;
    world.partner(settings("By token", &["TOKEN"], &["NORTH"])).await;
    let door = Door::Connection(channel);
    assert_eq!(world.at(door, "VAN", "NORTH").await, "South IN");
    assert_eq!(world.at(door, "VAN", "NORTH2").await, "West IN");
    assert_eq!(world.at(door, "WEST", "NORTH2").await, "West IN");
    assert_eq!(world.at(door, "WEST", "NORTH").await, "UNKNOWN_RECEIVER");
    assert_eq!(world.at(door, "TOKEN", "NORTH").await, "UNKNOWN_SENDER", "it comes by another door");
    assert_eq!(world.at(Door::Connection(ConnectionId::generate()), "VAN", "NORTH").await, "UNKNOWN_SENDER");

    disable_partner(&world.scope, south.id, "moved", Some(&key())).await.unwrap();
    assert_eq!(world.at(door, "VAN", "NORTH").await, "PARTNER_DISABLED");
    world.partner(through(settings("Successor", &["VAN"], &["NORTH"]))).await;
    assert_eq!(world.at(door, "VAN", "NORTH").await, "Successor IN");
    let refused = enable_partner(&world.scope, south.id, Some(&key())).await.unwrap_err();
    assert!(refused.to_string().starts_with("TAKEN at identifiers.0"), "{refused}");
}

#[tokio::test]
async fn rows_from_before_identifiers_are_known_by_their_token_alone() {
    let world = World::new().await;
    let channel = world.channel().await;
    for (name, stored) in [("Array", "[]"), ("Object", "{}")] {
        let partner = world.partner(settings(name, &[name], &[])).await;
        let row = trading_partner::ActiveModel {
            id: Set(partner.id),
            identifiers: Set(stored.to_owned()),
            agreement: Set("{}".to_owned()),
            connection_id: Set(Some(channel)),
            ..Default::default()
        };
        let tx = world.scope.write().await.unwrap();
        row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.at(Door::Token(partner.id), "ANYBODY", "US").await, format!("{name} ?"));
        assert_eq!(world.at(Door::Connection(channel), "ANYBODY", "US").await, "UNKNOWN_SENDER");
    }
    // Where two could be meant, nobody is.
    for name in ["Array", "Object"] {
        let system = crate::SystemScope::new(world.store.clone());
        let partner = partner_by_name(&system, world.scope.tenant, name);
        let row = trading_partner::ActiveModel {
            id: Set(partner.await.unwrap().unwrap().id),
            identifiers: Set(r#"[{"qualifier":"ZZ","id":"SAME"}]"#.to_owned()),
            ..Default::default()
        };
        let tx = world.scope.write().await.unwrap();
        row.update(&*tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let refused =
        by_sender(&world.scope, Door::Connection(channel), &id("SAME"), &id("US")).await.unwrap_err();
    assert_eq!(refused.to_string(), "ZZ:SAME may be any of Array, Object");
}

#[tokio::test]
async fn a_partners_token_acts_for_its_supplier_until_the_partner_is_disabled() {
    let world = World::new().await;
    let partner = world.partner(settings("Nordhaven EDI", &["NORDHAVEN"], &[])).await;
    let system = crate::SystemScope::new(world.store.clone());
    let cmd = CreatePartnerToken {
        partner: partner.id,
        name: "van".to_owned(),
        environment: None,
        expires_at: None,
    };
    let first = key();
    let created = create_partner_token(&world.scope, cmd.clone(), Some(&first)).await.unwrap().unwrap();
    let secret = created.secret.unwrap();
    assert!(secret.expose().starts_with("qyp_live_"));
    let again = create_partner_token(&world.scope, cmd.clone(), Some(&first)).await.unwrap().unwrap();
    assert!(again.replayed && again.secret.is_none() && again.token.id == created.token.id);

    let known = async || -> Principal {
        let credential = Credential::Bearer(secret.expose());
        authenticate(&system, &IdentitySettings::default(), credential).await.unwrap()
    };
    let principal = known().await;
    assert_eq!(principal.via, Via::Token(created.token.id, TokenKind::Partner));
    let standing = principal.standing;
    assert_eq!((standing.tenant, standing.supplier), (world.scope.tenant, Some(world.supplier)));
    assert_eq!((standing.actor, standing.person), (Actor::Partner(partner.id), None));
    assert_eq!(*standing.permissions, [Permission::OrdersAnswer, Permission::ShipmentsManage]);

    disable_partner(&world.scope, partner.id, "no contract any more", Some(&key())).await.unwrap();
    assert!(known().await.standing.permissions.is_empty());
    let refused = create_partner_token(&world.scope, cmd.clone(), Some(&key())).await.unwrap_err();
    assert!(refused.to_string().starts_with("INVALID_STATE at id"), "{refused}");
    enable_partner(&world.scope, partner.id, Some(&key())).await.unwrap();
    assert_eq!(known().await.standing.permissions.len(), 2);

    let (elsewhere, _) = testing::tenant(&world.store).await;
    let foreign = testing::scope(&world.store, elsewhere, None).as_buyer().unwrap();
    let refused = create_partner_token(&foreign, cmd, Some(&key())).await.unwrap_err();
    assert!(refused.to_string().starts_with("NOT_FOUND at id"), "{refused}");
}

#[tokio::test]
async fn what_was_agreed_about_answers_goes_before_the_policy() {
    let world = World::new().await;
    let minutes = async || {
        let tx = world.scope.read().await.unwrap();
        rules_of(&tx, &world.scope, &[world.supplier]).await.unwrap()[&world.supplier].answer_within_minutes
    };
    assert_eq!(minutes().await, 48 * 60, "the policy's");
    let agreed = |name: &str, minutes| {
        let mut settings = settings(name, &[name], &[]);
        settings.agreement.answered_within_minutes = minutes;
        settings
    };
    world.partner(agreed("SILENT", None)).await;
    assert_eq!(minutes().await, 48 * 60);
    world.partner(agreed("SLOW", Some(600))).await;
    let fast = world.partner(agreed("FAST", Some(60))).await;
    assert_eq!(minutes().await, 60);
    disable_partner(&world.scope, fast.id, "gone", Some(&key())).await.unwrap();
    assert_eq!(minutes().await, 600);
}

#[tokio::test]
async fn a_partner_of_mixed_modes_is_mirrored_where_a_rule_says_so() {
    let world = World::new().await;
    let mut mixed = settings("Mixed", &["WEST"], &["NORTH"]);
    mixed.mode = PartnerMode::Exchange;
    mixed.connection_id = Some(world.channel().await);
    let rule =
        |document| DocumentRule { document, way: EdiWay::Out, mode: PartnerMode::Mirror, version: None };
    mixed.agreement.documents = vec![rule(EdiDocument::Order), rule(EdiDocument::OrderChange)];
    let door = Door::Token(world.partner(mixed).await.id);
    assert_eq!(world.at(door, "NORTH", "WEST").await, "Mixed OUT");
}
