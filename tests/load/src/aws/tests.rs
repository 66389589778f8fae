//! The services as the AWS SDK meets them, through the project's own edges and by hand.

use super::{Answer, Aws, End, Tables, Tasks};
use serde_json::{Value, json};

/// A table `Waits` with the key `pk`, and the work that is due by shard and time.
fn tables() -> Tables {
    let tables = Tables::new().unwrap();
    let description = json!({
        "TableName": "Waits",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "shard", "AttributeType": "S"},
            {"AttributeName": "due_at", "AttributeType": "N"},
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "due",
            "KeySchema": [
                {"AttributeName": "shard", "KeyType": "HASH"},
                {"AttributeName": "due_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
    });
    tables.create(&description).unwrap();
    tables
}

fn call(tables: &Tables, operation: &str, request: &Value) -> Answer {
    tables.call(operation, request.to_string().as_bytes())
}

/// An update of the row `W#1`.
fn update(tables: &Tables, condition: &str, update: &str, values: &Value) -> Answer {
    let mut request = json!({
        "TableName": "Waits",
        "Key": {"pk": {"S": "W#1"}},
        "UpdateExpression": update,
        "ExpressionAttributeValues": values,
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    if !condition.is_empty() {
        request["ConditionExpression"] = condition.into();
    }
    call(tables, "UpdateItem", &request)
}

/// The attributes of a row that came back from an update.
fn new(answer: &Answer) -> Value {
    let Answer::Done(text) = answer else { panic!("refused: {answer:?}") };
    serde_json::from_str::<Value>(text).unwrap()["Attributes"].take()
}

fn changes(tables: &Tables, attributes: &[&str]) -> Vec<u64> {
    attributes.iter().map(|attribute| tables.changes("Waits", "W#1", attribute)).collect()
}

#[test]
fn a_condition_that_does_not_hold_changes_nothing_and_answers_with_the_row_as_it_is() {
    let tables = tables();
    let claim = |outcome: &str| {
        let values = json!({":outcome": {"S": outcome}});
        update(&tables, "attribute_not_exists(outcome)", "SET outcome = :outcome", &values)
    };
    assert_eq!(new(&claim("first")), json!({"pk": {"S": "W#1"}, "outcome": {"S": "first"}}));
    let Answer::Refused(refused) = claim("second") else { panic!("the second claim was applied") };
    let refused: Value = serde_json::from_str(&refused).unwrap();
    assert_eq!(refused["__type"], "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
    assert_eq!(refused["Item"], json!({"pk": {"S": "W#1"}, "outcome": {"S": "first"}}));
    assert_eq!(changes(&tables, &["pk", "outcome"]), [1, 1]);
    assert_eq!(tables.all_changes("outcome"), 1);
}

#[test]
fn only_attributes_that_become_something_else_count_as_changed() {
    let tables = tables();
    let set = "SET generation = :generation, started = if_not_exists(started, :generation)";
    for generation in ["7", "7", "8"] {
        update(&tables, "", set, &json!({":generation": {"N": generation}}));
    }
    assert_eq!(changes(&tables, &["generation", "started", "late"]), [2, 1, 0]);
    let removed = json!({"TableName": "Waits", "Key": {"pk": {"S": "W#1"}}, "UpdateExpression": "REMOVE started"});
    assert!(matches!(call(&tables, "UpdateItem", &removed), Answer::Done(_)));
    assert_eq!(changes(&tables, &["generation", "started"]), [2, 2]);
}

#[test]
fn the_expressions_that_the_store_is_written_in_are_evaluated() {
    let tables = tables();
    let values = json!({":none": {"L": []}, ":late": {"L": [{"S": "x"}]}, ":most": {"N": "2"}, ":one": {"N": "1"}, ":zero": {"N": "0"}});
    let condition = "attribute_not_exists(late) OR size(late) < :most";
    let append = "SET late = list_append(if_not_exists(late, :none), :late), \
                  attempts = if_not_exists(attempts, :zero) + :one";
    for attempts in ["1", "2"] {
        assert_eq!(new(&update(&tables, condition, append, &values))["attempts"], json!({"N": attempts}));
    }
    assert!(matches!(update(&tables, condition, append, &values), Answer::Refused(_)));

    let places = json!({":wait": {"S": "w-1"}, ":waits": {"SS": ["w-1"]}});
    let condition = "attribute_not_exists(holders) OR NOT contains(holders, :wait)";
    let taken = update(&tables, condition, "ADD holders :waits", &places);
    assert_eq!(new(&taken)["holders"], json!({"SS": ["w-1"]}));
    assert!(matches!(update(&tables, condition, "ADD holders :waits", &places), Answer::Refused(_)));
    let waits = json!({":waits": {"SS": ["w-1"]}});
    assert_eq!(new(&update(&tables, "", "DELETE holders :waits", &waits)).get("holders"), None);

    let values = json!({":a": {"N": "1"}, ":b": {"N": "2"}, ":w": {"S": "W#"}, ":more": {"N": "5"}});
    let condition = "(attempts IN (:a, :b) AND begins_with(pk, :w)) AND attribute_exists(late)";
    let less = update(&tables, condition, "SET attempts = attempts - :more", &values);
    assert_eq!(new(&less)["attempts"], json!({"N": "-3"}));
}

#[test]
fn a_query_of_an_index_finds_what_is_due_and_nothing_else() {
    let tables = tables();
    for (key, shard, due_at) in [("W#1", "0", "10"), ("W#2", "0", "30"), ("W#3", "1", "10")] {
        let item = json!({"pk": {"S": key}, "shard": {"S": shard}, "due_at": {"N": due_at}});
        let put = call(&tables, "PutItem", &json!({"TableName": "Waits", "Item": item}));
        assert_eq!(put, Answer::Done("{}".to_owned()));
    }
    let answer = call(
        &tables,
        "Query",
        &json!({
            "TableName": "Waits",
            "IndexName": "due",
            "KeyConditionExpression": "#shard = :s AND due_at <= :now",
            // A reserved word.
            "ExpressionAttributeNames": {"#shard": "shard"},
            "ExpressionAttributeValues": {":s": {"S": "0"}, ":now": {"N": "20"}},
        }),
    );
    let Answer::Done(text) = answer else { panic!("refused: {answer:?}") };
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found["Count"], 1);
    assert_eq!(found["Items"][0]["pk"], json!({"S": "W#1"}));
    assert_eq!(changes(&tables, &["due_at"]), [1]);
}

#[test]
fn what_dynamodb_would_refuse_is_misunderstood_and_not_a_condition_that_fails() {
    let tables = tables();
    let reserved = update(&tables, "", "SET status = :s", &json!({":s": {"S": "x"}}));
    let unused = update(&tables, "", "SET a = :s", &json!({":s": {"S": "x"}, ":t": {"S": "y"}}));
    let broken = update(&tables, "a = = :s", "SET a = :s", &json!({":s": {"S": "x"}}));
    let elsewhere = call(&tables, "GetItem", &json!({"TableName": "Nowhere", "Key": {"pk": {"S": "1"}}}));
    let unknown = call(&tables, "Scan", &json!({"TableName": "Waits"}));
    for answer in [reserved, unused, broken, elsewhere, unknown] {
        assert!(matches!(answer, Answer::Misunderstood(_)), "{answer:?}");
    }
    assert_eq!(tables.all_changes("a"), 0);
}

#[test]
fn a_task_ends_once_and_every_later_call_is_told_that_it_timed_out() {
    let tasks = Tasks::default();
    tasks.open("one");
    let success = |token: &str, output: &str| {
        let body = json!({"taskToken": token, "output": output}).to_string();
        tasks.call("SendTaskSuccess", body.as_bytes())
    };
    let heartbeat = || tasks.call("SendTaskHeartbeat", br#"{"taskToken":"one"}"#);
    let timed_out = Answer::refused("TaskTimedOut", "Provided task does not exist anymore");
    let done = Answer::Done("{}".to_owned());
    assert_eq!(heartbeat(), done);
    assert_eq!((success("one", "1"), success("one", "2"), heartbeat()), (done, timed_out.clone(), timed_out.clone()));
    let failure = json!({"taskToken": "one", "error": "E", "cause": "c"}).to_string();
    assert_eq!(tasks.call("SendTaskFailure", failure.as_bytes()), timed_out);
    assert_eq!(tasks.end("one"), Some(End::Success("1".to_owned())));
    assert_eq!((tasks.calls("one"), tasks.ended()), (3, 1));
    assert!(matches!(success("another", "1"), Answer::Misunderstood(_)));
}

#[tokio::test]
async fn calls_are_counted_and_those_that_nobody_understands_are_kept() {
    let aws = Aws::start().await.unwrap();
    aws.secrets().put("stepwait/a", "value");
    let settings = stepwait_aws::Settings { secret_prefix: "stepwait/".to_owned(), ..Default::default() };
    let edges = stepwait_aws::Edges::start_at(settings, &aws.endpoint()).unwrap();
    let secret = stepwait_flow::ports::Secrets::secret(&edges, "a").await.unwrap();
    assert_eq!(secret.expose(), "value");
    assert_eq!((aws.calls_of("GetSecretValue"), aws.misunderstood()), (1, Vec::new()));

    assert!(stepwait_flow::ports::Secrets::secret(&edges, "b").await.is_err());
    let body = "{\"__type\":\"ResourceNotFoundException\",\"message\":\"there is no secret \\\"stepwait/b\\\"\"}";
    assert_eq!(aws.misunderstood(), [format!("POST / secretsmanager.GetSecretValue: {body}")]);
    assert_eq!(aws.calls_of("GetSecretValue"), 2);
}
