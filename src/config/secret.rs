/// What stands for a secret.
const MASK: &str = "***";

/// A text with the passwords of its URLs masked: `redis://user:***@host`.
pub(super) fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let scheme =
            before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "+-.".contains(c));
        masked.push_str(&masked_authority(scheme));
        masked.push_str(&before[scheme.len()..]);
        masked.push_str("://");
        rest = after;
    }
    masked.push_str(&masked_authority(rest));
    masked
}

fn masked_authority(text: &str) -> String {
    let Some((user, host)) = text.rsplit_once('@') else {
        return masked_query(text);
    };
    match user.split_once(':') {
        Some((name, _)) => format!("{name}:{MASK}@{}", masked_query(host)),
        None => format!("{user}@{}", masked_query(host)),
    }
}

fn masked_query(text: &str) -> String {
    let parts = text.split_inclusive(['?', '&', ';', ',', ' ']);
    parts.map(masked_pair).collect()
}

fn masked_pair(part: &str) -> String {
    match part.split_once('=') {
        Some((name, value)) if is_secret(name) => {
            let end = value.trim_end_matches(['?', '&', ';', ',', ' ']).len();
            format!("{name}={MASK}{}", &value[end..])
        }
        _ => part.to_owned(),
    }
}

/// Whether a setting of this name may hold a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["PASS", "SECRET", "TOKEN", "CREDENTIAL", "PWD", "API_KEY"]
        .iter()
        .any(|word| name.contains(word))
}

/// The passwords in the URLs of a text.
pub(super) fn passwords(text: &str) -> Vec<&str> {
    let after_schemes = text.split("://").skip(1);
    let users = after_schemes.filter_map(|rest| rest.rsplit_once('@').map(|(user, _)| user));
    users
        .filter_map(|user| user.split_once(':').map(|(_, password)| password))
        .collect()
}

/// A message without the secrets; short ones are masked only where they stand alone.
pub(super) fn scrubbed(message: &str, secrets: &[String]) -> String {
    let mut secrets: Vec<_> = secrets.iter().filter(|secret| !secret.is_empty()).collect();
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut message = message.to_owned();
    for secret in secrets {
        message = if secret.len() >= 6 {
            message.replace(secret.as_str(), MASK)
        } else {
            without_word(&message, secret)
        };
    }
    message
}

fn without_word(message: &str, word: &str) -> String {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut kept = String::with_capacity(message.len());
    let mut at = 0;
    while let Some(found) = message[at..].find(word) {
        let (start, end) = (at + found, at + found + word.len());
        kept.push_str(&message[at..start]);
        let stands_alone = !is_part(message[..start].chars().next_back())
            && !is_part(message[end..].chars().next());
        kept.push_str(if stands_alone { MASK } else { word });
        at = end;
    }
    kept.push_str(&message[at..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_locations_are_masked() {
        for (text, expected) in [
            ("redis://h:6379/0", "redis://h:6379/0"),
            ("redis://:pw@h:6379", "redis://:***@h:6379"),
            ("redis://u:p/w@h", "redis://u:***@h"),
            ("redis://u:a:b@c@h", "redis://u:***@h"),
            (
                "redis://h1,redis://u:pw@h2;rediss://:x@h3",
                "redis://h1,redis://u:***@h2;rediss://:***@h3",
            ),
            ("u:pw@h", "u:***@h"),
            ("db://h/x?password=a&b=c", "db://h/x?password=***&b=c"),
            ("/var/cache", "/var/cache"),
            ("redis://:${PW}@h", "redis://:***@h"),
        ] {
            assert_eq!(masked(text), expected);
        }
    }

    #[test]
    fn messages_lose_their_secrets() {
        let secrets = ["hunter2!".to_owned(), "5".to_owned()];
        assert_eq!(
            scrubbed("`xhunter2!x`: 5 of 15, 5", &secrets),
            "`x***x`: *** of 15, ***"
        );
    }
}
