/// Any bytes are answers to a request, garbled or not all there; in pieces they are the same.
fn memcached_reply_body(bytes: &[u8]) {
    let [dialect, action, piece, bytes @ ..] = bytes else {
        return;
    };
    let dialect = if dialect % 2 == 0 {
        Dialect::Meta
    } else {
        Dialect::Binary
    };
    let action = match action % 8 {
        0 => Action::Look,
        1 => Action::Get,
        2 => Action::Inspect,
        3 => Action::Touch { exptime: 1 },
        4 => Action::Delete,
        5 => Action::Count(1),
        6 => Action::Version,
        _ => Action::Authenticate("me secret".into()),
    };
    let request = Request { key: "key", action };
    let answers = |piece| {
        let mut session = Session::new(dialect);
        let mut answers = Vec::new();
        for piece in bytes.chunks(piece) {
            session.input().extend_from_slice(piece);
            loop {
                match session.reply(&request) {
                    Ok(Ok(reply)) => answers.push(format!("{reply:?}")),
                    Ok(Err(missing)) => {
                        assert!(missing > 0);
                        break;
                    }
                    Err(fault) => {
                        answers.push(format!("{fault:?}"));
                        return answers;
                    }
                }
            }
        }
        answers
    };
    assert_eq!(answers(usize::MAX), answers(1 + usize::from(*piece)));
}
