//! Credentials, scheme by scheme. Signatures are compared with published
//! vectors, or with ones computed by another implementation.

mod hmac;
mod oauth2;
mod schemes;
