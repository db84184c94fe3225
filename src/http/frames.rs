use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame};

/// The next frame of a body, its data as [`Bytes`]: nothing is copied where they are that already.
pub(super) fn poll_bytes<B: Body>(
    body: Pin<&mut B>,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
    let bytes =
        |frame: Frame<B::Data>| frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
    body.poll_frame(context).map_ok(bytes)
}
