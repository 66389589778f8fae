//! Finds what is due, once a minute, and does of it what nobody else has done.
//!
//! `handler.rs` translates; the step itself is in `stepwait-flow`, and what it
//! needs of AWS in `stepwait-aws`.

mod handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    stepwait_aws::serve(handler::handle).await
}
