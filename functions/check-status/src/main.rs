//! Looks at a job once and says what its polling round does next.
//!
//! `handler.rs` translates; the step itself is in `stepwait-flow`, and what it
//! needs of AWS in `stepwait-aws`.

mod handler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    stepwait_aws::serve(handler::handle).await
}
