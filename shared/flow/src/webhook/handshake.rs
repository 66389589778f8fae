//! Handshakes are answered before anything is read as an event, and touch no wait.

use super::Reply;
use super::route::Routed;
use crate::metric::DELIVERY_REFUSED;
use crate::ports::Ports;
use stepwait_core::request::OutgoingRequest;
use stepwait_core::webhook::{
    Delivery, HandshakeReply, Shake, Subscription, Unshaken, begin_handshake, reply_to_handshake,
};
use stepwait_core::{SecretValue, Timestamp};

/// Answers a handshake that is sent before anything could vouch for it, or with
/// a token of its own; `None` if the delivery is none.
pub(super) async fn answer_unverified<P: Ports>(
    ports: &P,
    routed: &Routed<'_>,
    delivery: &Delivery,
) -> Option<Result<Reply, Reply>> {
    let secret = match begin_handshake(routed.callback(), delivery, false)? {
        Shake::Verified => return None,
        Shake::Nothing => None,
        Shake::Token(name) => match ports.secret(name).await {
            Ok(secret) => Some(secret),
            Err(error) => {
                tracing::error!(integration = %routed.integration.name, %error, "the token of handshakes is missing");
                return Some(Err(Reply::new(503, "the listener cannot answer handshakes at the moment")));
            }
        },
    };
    Some(match decided(routed, delivery, secret.as_ref())? {
        Ok(HandshakeReply::Answer(answer)) => Ok(Reply::shaken(answer)),
        // None of these kinds makes us call anybody.
        Ok(HandshakeReply::Confirm(_)) => Err(Reply::new(401, "the handshake was not verified")),
        Err(unshaken) => Err(refused(routed, &unshaken)),
    })
}

/// Answers a handshake that was verified; `None` if the delivery is none.
pub(super) async fn answer_verified<P: Ports>(
    ports: &P,
    routed: &Routed<'_>,
    delivery: &Delivery,
    first_secret: Option<&SecretValue>,
    until: Timestamp,
) -> Option<Result<Reply, Reply>> {
    begin_handshake(routed.callback(), delivery, true)?;
    Some(match decided(routed, delivery, first_secret)? {
        Ok(HandshakeReply::Answer(answer)) => {
            tracing::info!(integration = %routed.integration.name, "handshake answered");
            Ok(Reply::shaken(answer))
        }
        Ok(HandshakeReply::Confirm(subscription)) => confirm(ports, routed, &subscription, until).await,
        Err(unshaken) => Err(refused(routed, &unshaken)),
    })
}

fn decided(
    routed: &Routed<'_>,
    delivery: &Delivery,
    secret: Option<&SecretValue>,
) -> Option<Result<HandshakeReply, Unshaken>> {
    routed.callback().handshake.as_ref().map(|handshake| reply_to_handshake(handshake, delivery, secret))
}

/// Visits the address that confirms a subscription.
async fn confirm<P: Ports>(
    ports: &P,
    routed: &Routed<'_>,
    subscription: &Subscription,
    until: Timestamp,
) -> Result<Reply, Reply> {
    let request = OutgoingRequest { until: Some(until), ..subscription.request() };
    let integration = &routed.integration.name;
    let again = || Reply::new(503, "the subscription could not be confirmed; please send again");
    match ports.send(request).await {
        Ok(answer) if (200..=299).contains(&answer.status) => {
            tracing::info!(%integration, "subscription confirmed");
            Ok(Reply::shaken(Subscription::confirmed()))
        }
        Ok(answer) => {
            tracing::warn!(%integration, status = answer.status, "the subscription was not confirmed");
            Err(again())
        }
        Err(error) => {
            tracing::warn!(%integration, %error, "the subscription was not confirmed");
            Err(again())
        }
    }
}

fn refused(routed: &Routed<'_>, unshaken: &Unshaken) -> Reply {
    let integration = &routed.integration.name;
    if unshaken.status() == 401 {
        tracing::warn!(metric = DELIVERY_REFUSED, %integration, %unshaken, "handshake refused");
    } else {
        tracing::warn!(%integration, %unshaken, "handshake not answered");
    }
    Reply::new(unshaken.status(), unshaken.to_string())
}
