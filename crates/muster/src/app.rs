//! What the running server holds: the store, the clock, the live events. Cheap to clone.

use crate::lines::access::Moment;
use crate::lines::command::notice::extract::pdf;
use crate::lines::operation::{Operation, operation_current};
use crate::lines::reporting::{BookShelf, Intake};
use crate::printer::Printer;
use crate::request::{Brake, Limits, Looks, Outside, Sessions};
use crate::seal::Seals;
use crate::serve::Tls;
use crate::serve::events::Hub;
use crate::{Ctx, Reach};
use muster_kernel::{Actor, Clock, Day, IdSource, Locale};
use muster_store::{Db, StoreError};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// How one comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// Local accounts with a password.
    Local,
    /// Roles are taken without a login: the simulated demonstration only.
    Demo,
}

/// The running server's state. Every layer of a request has a copy, so a copy costs one count; a change of one is its own.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for App {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

/// What [`App`] is made of.
#[derive(Clone)]
pub struct Parts {
    /// The store.
    pub db: Db,
    /// The clock; shifted in the demonstration.
    pub clock: Clock,
    /// Where ids come from.
    pub ids: IdSource,
    /// How one comes in.
    pub login: Login,
    /// Live events on their way to the pages.
    pub hub: Hub,
    /// What makes paper of a brief.
    pub printer: Printer,
    /// How the text of a PDF is read; a server that runs reads in a process of its own.
    pub read_pdf: Arc<pdf::ReadPdf>,
    /// The book of what is asked, kept whole between reads.
    pub shelf: BookShelf,
    /// Where reports are filed together.
    pub intake: Intake,
    /// Sessions that were looked up a moment ago.
    pub sessions: Sessions,
    /// How the outside reaches this server.
    pub outside: Arc<Outside>,
    /// What one may ask in a while; nothing is limited until a server says so.
    pub limits: Limits,
    /// The brake on guessing passwords.
    pub brake: Brake,
    /// The keys of sealed fields; none until they are put in.
    pub seals: Seals,
    /// Who read telephones a moment ago.
    pub looks: Looks,
    /// Login services of groups that have one.
    pub oidc: Arc<crate::oidc::Oidc>,
    /// What carries letters out; nothing until an operator says what may be reached.
    pub outbound: Arc<crate::outbound::Outbound>,
    /// Who signs the heads of the journal; none where nobody was told to.
    pub heads: Option<crate::heads::Keeper>,
    /// The certificate under which this server is reached; none where it encrypts nothing itself.
    pub certificate: Option<Arc<Tls>>,
    /// The demonstration that is played; none anywhere else.
    pub stage: Option<crate::play::Stage>,
    /// Where this operation is kept, where a demonstration opened it beside itself; none anywhere else.
    pub kept: Option<crate::play::Kept>,
    operation: Arc<parking_lot::RwLock<Arc<Operation>>>,
    /// One reads the operation at a time, so that what was read last is what stands.
    following: Arc<tokio::sync::Mutex<()>>,
}

impl App {
    /// Whether roles are taken without a login, as in the demonstration: then one account stands for many people.
    pub fn takes_roles(&self) -> bool {
        self.login == Login::Demo
    }
    /// Puts the parts together. Inside a runtime: the intake starts its workers.
    pub fn new(db: Db, clock: Clock, ids: IdSource, login: Login, operation: Operation) -> Self {
        let operation = Arc::new(parking_lot::RwLock::new(Arc::new(operation)));
        let shelf = BookShelf::default();
        let intake = Intake::start(&db, &shelf);
        let brake = Brake::new(clock.clone());
        Self(Arc::new(Parts {
            db,
            clock,
            ids,
            login,
            hub: Hub::default(),
            printer: Printer::default(),
            read_pdf: Arc::new(pdf::read_here),
            shelf,
            intake,
            sessions: Sessions::default(),
            outside: Arc::default(),
            limits: Limits::default(),
            brake,
            seals: Seals::none(),
            looks: Looks::default(),
            oidc: Arc::default(),
            outbound: Arc::default(),
            heads: None,
            certificate: None,
            stage: None,
            kept: None,
            operation,
            following: Arc::default(),
        }))
    }
    /// The operation that this server answers.
    pub fn operation(&self) -> Arc<Operation> {
        self.operation.read().clone()
    }
    /// Reads the operation anew: after a change of it, and now and again, since another process may have changed it.
    ///
    /// # Errors
    /// The store's; the operation stays as it was.
    pub async fn operation_follow(&self) -> Result<(), StoreError> {
        let _turn = self.following.lock().await;
        let current = self.db.read("operation.current", |rx| operation_current(rx)).await?;
        if let Some(operation) = current {
            self.operation_changed(operation);
        }
        Ok(())
    }
    /// Takes an operation as the one that is answered.
    pub fn operation_changed(&self, operation: Operation) {
        *self.operation.write() = Arc::new(operation);
    }
    /// Today, in the operation's time zone.
    pub fn today(&self) -> Day {
        Day::of_instant(self.clock.now_ms(), &self.operation().time_zone())
    }
    /// Now, for whoever asks what somebody may do.
    pub fn moment(&self) -> Moment {
        let operation = self.operation();
        let now_ms = self.clock.now_ms();
        Moment { now_ms, today: Day::of_instant(now_ms, &operation.time_zone()), operation: operation.id }
    }
    /// The context of an act of an actor, now.
    pub fn ctx(&self, actor: Actor, reach: Reach, locale: Locale) -> Ctx {
        let operation = self.operation();
        Ctx {
            actor,
            now_ms: self.clock.now_ms(),
            ids: self.ids.clone(),
            operation: operation.id,
            zone: operation.time_zone(),
            locale,
            reach,
            seals: self.seals.clone(),
            lent_ms: None,
        }
    }
}
