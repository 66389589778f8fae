//! What a webhook says is read by the file's rules, or it is an error with a
//! reason; nothing in it makes an outcome that cannot be stored as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepwait_core::webhook::{Delivery, Event, EventError, News, read_event};
use stepwait_fuzz::letter::Letter;
use stepwait_fuzz::{claims, files};

fuzz_target!(|input: &[u8]| {
    // NAME QUERY, headers, body.
    let letter = Letter::read(input);
    let integration = files::named(letter.word(0));
    let Some(callback) = &integration.callback else { return };
    let delivery = Delivery {
        method: "POST".to_owned(),
        domain: "hooks.example.com".to_owned(),
        path: format!("/webhooks/{}", integration.name),
        query: letter.word(1).to_owned(),
        headers: letter.headers.iter().cloned().collect(),
        body: letter.body.to_vec(),
    };
    match read_event(integration, callback, &delivery) {
        Ok(Event::Other) => {}
        Ok(Event::OfJob { job_id, news }) => {
            claims::job_id(&job_id);
            look_at(&news);
        }
        Ok(Event::OfWait { named, news }) => {
            named.iter().for_each(claims::job_id);
            look_at(&news);
        }
        Err(EventError::NotJson(why) | EventError::NoJobId(why)) => claims::readable(&why),
    }
});

fn look_at(news: &News) {
    match news {
        News::Pending | News::Look { .. } => {}
        News::Unlisted(status) => assert!(status.chars().count() <= 300 && !status.chars().any(char::is_control)),
        News::Ended(kind) => claims::outcome(kind),
    }
}
