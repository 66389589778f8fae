//! Waits that a workflow of one's own begins without `prepare`: `submit` and `close`
//! are told what is waited for, and find the wait, or what it is to be, themselves.

use crate::StepError;
use crate::ports::WaitStore;
use stepwait_core::integration::IntegrationName;
use stepwait_core::message::Direct;
use stepwait_core::wait::{WaitId, WaitRow};

/// The wait's row, if an attempt before this one has begun it. What it was begun
/// with counts: the version of the file, and the time.
///
/// # Errors
/// [`StepError`], when it is not known.
pub(crate) async fn begun<P: WaitStore>(ports: &P, direct: &Direct) -> Result<Option<WaitRow>, StepError> {
    // There is no wait on what has no name.
    let Ok(name) = IntegrationName::parse(&direct.integration) else {
        return Ok(None);
    };
    Ok(ports.read(&WaitId::derive(&direct.execution_arn, &name, &direct.key)).await?)
}
