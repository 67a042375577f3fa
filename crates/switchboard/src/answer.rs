//! The far end's answer to an outbound call.

/// Makes the far end's SDP answer fit for a browser: a DTLS role of `actpass` becomes
/// `active`.
///
/// An answer must choose a role (RFC 5763, section 5; RFC 8842, section 5.3), but some
/// captures of this upstream show `actpass` in one, and browsers refuse it. `active` is
/// the role that the upstream's documentation names for its answers. This is the one
/// place that rewrites it; everything else in the description stays byte for byte.
pub fn fit_for_browser(sdp: &str) -> String {
    sdp.split_inclusive('\n')
        .map(|line| {
            let text = line.trim_end_matches(['\r', '\n']);
            if text.trim_end() == "a=setup:actpass" {
                format!("a=setup:active{}", &line[text.len()..])
            } else {
                line.to_owned()
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::fit_for_browser;

    #[test]
    fn chooses_the_role_that_the_far_end_left_open() {
        let answer = "v=0\r\na=setup:actpass\r\na=ice-pwd:abc==\r\n";
        assert_eq!(fit_for_browser(answer), "v=0\r\na=setup:active\r\na=ice-pwd:abc==\r\n");
        assert_eq!(fit_for_browser("a=setup:actpass"), "a=setup:active");
    }

    #[test]
    fn leaves_a_chosen_role_alone() {
        for answer in ["v=0\r\na=setup:active\r\n", "v=0\na=setup:passive\n", "", "a=x-setup:actpass\r\n"] {
            assert_eq!(fit_for_browser(answer), answer);
        }
    }
}
