//! The same for programs.

use serde_json::{Value, json};
use stepwait_core::cost::{Architecture, Usage};

use super::compare::{Comparison, Row, break_even_ms};
use super::{Plan, assumptions};

pub(super) fn print(plan: &Plan) -> Value {
    json!({
        "prices": { "region": plan.prices.region, "as_of": plan.prices.as_of, "source": plan.prices.source },
        "architecture": match plan.architecture {
            Architecture::Arm64 => "arm64",
            Architecture::X86 => "x86_64",
        },
        "break_even_ms": break_even_ms(&plan.prices),
        "plans": plan.comparisons.iter().map(one).collect::<Vec<_>>(),
        "assumed": assumptions(plan),
    })
}

fn one(comparison: &Comparison) -> Value {
    json!({
        "integration": comparison.name,
        "waits_per_month": comparison.asked.per_month,
        "jobs_take": comparison.asked.durations.to_string(),
        "looked_at": comparison.schedule(),
        "recommended": comparison.recommended.as_ref().map(|recommended| {
            json!({ "way": recommended.way.name(), "reason": recommended.reason, "write": recommended.write })
        }),
        "ways": comparison.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &Row) -> Value {
    let mut value = json!({ "way": row.way.name(), "is": row.way.describe(), "ours": row.way.is_ours() });
    let more = match &row.figures {
        Err(why) => json!({ "not_usable": why }),
        Ok(figures) => json!({
            "only": figures.but,
            "nano_dollars_a_month": figures.month,
            "mean_delay_ms": figures.estimate.mean_delay_ms,
            "p95_delay_ms": figures.estimate.p95_delay_ms,
            "given_up_permille": figures.estimate.given_up_permille,
            "of_a_million_waits": {
                "nano_dollars_waiting": figures.waiting,
                "nano_dollars_with_submit": figures.whole,
                "waiting": usage(&figures.estimate.waiting),
                "submit": usage(&figures.estimate.submit),
            },
        }),
    };
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    }
    value
}

fn usage(usage: &Usage) -> Value {
    json!({
        "standard_transitions": usage.transitions,
        "express_requests": usage.express_requests,
        "express_mb_ms": usage.express_mb_ms,
        "lambda_requests": usage.lambda_requests,
        "lambda_mb_ms": usage.lambda_mb_ms,
        "http_api_requests": usage.http_api_requests,
        "dynamodb_write_units": usage.writes,
        "dynamodb_read_units": usage.reads,
        "log_bytes": usage.log_bytes,
        "durable_operations": usage.durable_operations,
        "durable_bytes": usage.durable_bytes,
        "looks": usage.looks,
        "requests_to_the_third_party": usage.requests,
    })
}
