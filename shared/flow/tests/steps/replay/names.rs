//! Which effects of the functions an operation of the model is, and which are none.

use stepwait_model::{Configuration, Operation, Who};

/// An effect that the model does not have, of those whose processes make it, with the reason.
pub(super) struct Silent {
    pub(super) effect: &'static str,
    pub(super) of: fn(&Configuration, Who) -> bool,
    pub(super) why: &'static str,
}

/// All effects that are let through as soon as a process comes to them: what it
/// reads by them is as old as can be by the time it is used.
pub(super) const SILENT: [Silent; 7] = [
    Silent {
        effect: "read secret",
        of: |_, _| true,
        why: "what a request or a delivery is signed with decides nothing",
    },
    Silent { effect: "keep late", of: |_, _| true, why: "what contradicts the stored outcome is kept for people" },
    Silent {
        effect: "read sweep",
        of: |_, who| who == Who::Reconciler,
        why: "how far the reconciler has come only saves looks",
    },
    Silent {
        effect: "read due",
        of: |_, who| who == Who::Reconciler,
        why: "the index is a hint; taking a wait up is a step of the model",
    },
    Silent { effect: "keep sweep", of: |_, who| who == Who::Reconciler, why: "as reading it" },
    Silent {
        effect: "postpone",
        of: |_, who| who == Who::Reconciler,
        why: "how often in a row there was no answer is time, which the model leaves out",
    },
    Silent {
        effect: "read",
        of: |c, who| match who {
            // The wait's own address, of its row.
            Who::Submit { .. } => true,
            // The version of the integration, and the capability.
            Who::Listener(_) => c.is_addressed,
            // Whether there is such a wait: a person takes up one that is open.
            Who::Operator => true,
            Who::Check { .. } | Who::Close { .. } | Who::Reconciler => false,
        },
        why: "what is read there never changes, or a guarded update decides it again",
    },
];

/// Whether an effect is let through.
pub(super) fn is_silent(c: &Configuration, who: Who, effect: &str) -> bool {
    SILENT.iter().any(|silent| silent.effect == effect && (silent.of)(c, who))
}

/// The effect that an operation is, the first one where it is two: a job is noted
/// on a wait that has ended by a second update, and a listener reads its wait's row
/// behind the link to it. `None` where the function has returned.
pub(super) fn effect(c: &Configuration, who: Who, what: Operation, has_token: bool) -> Option<&'static str> {
    match what {
        Operation::Register => Some("register"),
        Operation::BeginSubmit => Some("begin submit"),
        Operation::Post => Some("send submit request"),
        Operation::ReleaseSubmit => Some("release submit"),
        Operation::MarkUnknown => Some("mark submit unknown"),
        Operation::Bind => Some("bind"),
        Operation::NoteJob => Some("mark submitted"),
        Operation::Read if c.is_thin && matches!(who, Who::Listener(_)) => Some("read rendezvous"),
        Operation::Read => Some("read"),
        Operation::LookUp | Operation::Look => Some("send status request"),
        Operation::ReadMail => Some("read rendezvous"),
        Operation::Mail => Some("mail"),
        Operation::Claim => Some("claim"),
        Operation::Send => Some("resume"),
        // An attempt without a token fails itself.
        Operation::Report => has_token.then_some("resume"),
        Operation::MarkDelivered => Some("mark delivered"),
        Operation::CallOff => Some("send cancel request"),
        Operation::Idle | Operation::Over | Operation::Superseded | Operation::Acknowledge | Operation::Return => None,
    }
}

/// The second effect of an operation that is two.
pub(super) fn second(c: &Configuration, who: Who, what: Operation) -> Option<&'static str> {
    match (what, who) {
        (Operation::NoteJob, _) => Some("note job of ended wait"),
        (Operation::Read, Who::Listener(_)) if c.is_thin => Some("read"),
        (_, _) => None,
    }
}
