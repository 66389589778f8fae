//! The third parties of `integrations/examples`, each played by its recorded
//! conversation: a server for each answers what was answered.
//!
//! That requests are made as recorded is for the package's test `presets` to show;
//! here what is asked is told apart by method and URL alone.

use crate::Trouble;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use stepwait_core::integration::{Integration, Strategy};
use stepwait_local::engine::Examples;
use stepwait_local::http_server::{Server, respond};
use stepwait_trial::{Exchange, Fixture, Leg, StandIns};

/// A secret in the form of Standard Webhooks, which is a text as good as any for others.
pub const WEBHOOK_SECRET: &str = "whsec_ZnJhZ21lbnRzLXNpZ24td2l0aC10aGlz";

/// The conversations that are not called `success`: where a result would come from
/// another host, and where there are two ways to succeed.
const SCENARIOS: [(&str, &str); 2] = [("shopify-bulk-operation", "nothing-found"), ("respond-async", "later")];

/// The third party of one integration.
#[derive(Debug)]
pub struct Stage {
    /// The integration.
    pub integration: Integration,
    /// Its conversation.
    pub fixture: Fixture,
    server: Server,
    seen: Arc<Mutex<Seen>>,
}

/// What was asked.
#[derive(Debug, Default)]
struct Seen {
    /// Exchanges that were played, by their places.
    played: BTreeSet<usize>,
    /// The body of the submit.
    submit: Option<String>,
    /// What nobody has recorded.
    strange: Vec<String>,
}

impl Stage {
    /// Opens one for each example.
    ///
    /// # Errors
    /// When a file or a conversation cannot be read, or no port be bound.
    pub async fn of_examples() -> Result<Vec<Self>, Trouble> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/examples");
        let mut files: Vec<PathBuf> =
            fs::read_dir(&folder)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        let mut stages = Vec::new();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let integration = Integration::parse(&name, &fs::read_to_string(&file)?)?;
            let scenario = SCENARIOS.iter().find(|(of, _)| *of == name).map_or("success", |(_, scenario)| scenario);
            let conversation = |scenario| fixture(&folder.join(format!("fixtures/{name}/{scenario}.json")));
            let mut played = conversation(scenario)?;
            if played.events.is_empty() {
                // Of the same job.
                played.events = conversation("success").map(|success| success.events).unwrap_or_default();
            }
            stages.push(Self::open(integration, played).await?);
        }
        Ok(stages)
    }

    async fn open(integration: Integration, fixture: Fixture) -> Result<Self, Trouble> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let own = origin(&integration);
        let is_polled = integration.strategy == Strategy::Poll;
        let script = Arc::new((fixture.clone(), own));
        let noted = Arc::clone(&seen);
        // Answers name the third party's own host, which is this server here.
        let address = Arc::new(Mutex::new(None::<SocketAddr>));
        let here = Arc::clone(&address);
        let server = Server::start(move |request: Request<Bytes>| {
            let (script, noted, here) = (Arc::clone(&script), Arc::clone(&noted), Arc::clone(&here));
            async move {
                let here = here.lock().unwrap_or_else(PoisonError::into_inner).map(|here| format!("http://{here}"));
                let mut seen = noted.lock().unwrap_or_else(PoisonError::into_inner);
                let (fixture, own) = &*script;
                answer(fixture, own, &here.unwrap_or_default(), is_polled, &request, &mut seen)
            }
        })
        .await?;
        *address.lock().unwrap_or_else(PoisonError::into_inner) = Some(server.address());
        Ok(Self { integration, fixture, server, seen })
    }

    /// Where it is.
    #[must_use]
    pub fn base_url(&self) -> String {
        let path = self.integration.base_url.path().trim_end_matches('/');
        format!("http://{}{path}", self.server.address())
    }

    /// A text that names this server, with the third party's own host.
    #[must_use]
    pub fn as_recorded(&self, text: &str) -> String {
        text.replace(&format!("http://{}", self.server.address()), &origin(&self.integration))
    }

    /// The body of the submit, once it came.
    #[must_use]
    pub fn submit(&self) -> Option<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).submit.clone()
    }

    /// What was asked and nobody has recorded.
    #[must_use]
    pub fn strange(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).strange.clone()
    }
}

fn fixture(file: &Path) -> Result<Fixture, Trouble> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Fixture::parse(&text)?)
}

/// What the engine must know of the stages.
pub(crate) fn examples(stages: &[Stage]) -> Examples {
    let base_urls = stages.iter().map(|stage| (stage.integration.name.to_string(), stage.base_url())).collect();
    let mut secrets = BTreeMap::new();
    for Stage { integration, .. } in stages {
        let stand_ins = StandIns::of(integration);
        let of_auth = integration.auth.iter().flat_map(|auth| auth.secrets());
        for name in of_auth.chain(integration.submit.secrets()) {
            secrets.insert(name.to_owned(), stand_ins.value(name).expose().to_owned());
        }
        let verify = integration.callback.as_ref().and_then(|callback| callback.verify.as_ref());
        for secret in verify.into_iter().flat_map(|verify| &verify.secrets) {
            secrets.insert(secret.name.clone(), WEBHOOK_SECRET.to_owned());
        }
    }
    Examples { base_urls, secrets }
}

fn origin(integration: &Integration) -> String {
    integration.base_url.origin().ascii_serialization()
}

fn answer(
    fixture: &Fixture,
    own: &str,
    here: &str,
    is_polled: bool,
    request: &Request<Bytes>,
    seen: &mut Seen,
) -> Response<Bytes> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{own}{target}");
    let asked = |exchange: &&(usize, &Exchange)| {
        exchange.1.request.method == request.method().as_str() && exchange.1.request.url == url
    };
    let recorded: Vec<_> = fixture.exchanges.iter().enumerate().collect();
    let recorded: Vec<_> = recorded.iter().filter(asked).collect();
    let next = recorded.iter().find(|(n, _)| !seen.played.contains(n));
    // A webhook comes when the job has ended: who looks then sees that.
    let chosen = match next {
        Some(next) if is_polled || next.1.leg == Leg::Submit => Some(next),
        Some(_) | None => recorded.last(),
    };
    let Some((n, exchange)) = chosen else {
        seen.strange.push(format!("{} {url}", request.method()));
        return respond(StatusCode::NOT_FOUND, "text/plain", "nobody has recorded that");
    };
    seen.played.insert(*n);
    if exchange.leg == Leg::Submit {
        seen.submit = Some(String::from_utf8_lossy(request.body()).into_owned());
    }
    let Ok(Ok(answer)) = exchange.received() else {
        return respond(StatusCode::BAD_GATEWAY, "text/plain", "the conversation was cut off here");
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value.replace(own, here));
    }
    let body = match String::from_utf8(answer.body) {
        Ok(text) => text.replace(own, here).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    };
    response
        .body(Bytes::from(body))
        .unwrap_or_else(|_| respond(StatusCode::BAD_GATEWAY, "text/plain", "a header that cannot be sent"))
}
