/// Any bytes are replies, broken or not all there; in pieces they are the same.
fn redis_reply_body(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else {
        return;
    };
    let replies = |piece| {
        let mut decoder = Decoder::default();
        let mut replies = Vec::new();
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let room = decoder.room();
                let length = room.len().min(piece.len());
                room[..length].copy_from_slice(&piece[..length]);
                decoder.filled(length);
                piece = &piece[length..];
                loop {
                    match decoder.reply() {
                        Ok(Some(reply)) => replies.push(Ok(reply)),
                        Ok(None) => break,
                        Err(error) => {
                            replies.push(Err(error.kind()));
                            return replies;
                        }
                    }
                }
            }
        }
        replies
    };
    assert_eq!(replies(usize::MAX), replies(1 + usize::from(*piece)));
}
