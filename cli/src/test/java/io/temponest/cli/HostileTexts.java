package io.temponest.cli;

import java.util.List;

/** What people put into fields who want a program to take data for code. None has more than 50 characters. */
final class HostileTexts {

    static final String MARKUP = "<script>alert(1)</script>";

    /** What a command would leave in the folder that the server runs in. */
    static final String LEFT_BEHIND = "left-behind";

    /** What no text of a request may hold. */
    static final List<String> UNSTORABLE = List.of("\0", "a\0b", "\ud800", "a\ud800b", "\udc00\ud800");

    private HostileTexts() {}

    /** @param trap where whoever follows an address gets caught */
    static List<String> all(Trap trap) {
        return List.of(
                "' OR '1'='1",
                "admin'--",
                "'; DROP TABLE users CASCADE; --",
                "' UNION SELECT password_hash FROM users --",
                "'; SELECT pg_sleep(30); --",
                "1); DELETE FROM runs; COMMIT; --",
                "$1 $2 $$; DELETE FROM agents; $$",
                "/* */ E'\\'' OR 1=1 #",
                "\\'; --",
                "\\",
                "\"; \"\" ` `` \\\"",
                "\u02bc OR \u02bc1\u02bc=\u02bc1 \uff07 \u2019 --",
                "%27%20OR%201=1%00 %s%n %d {0} ${x}",
                "$(touch " + LEFT_BEHIND + ")",
                "`touch " + LEFT_BEHIND + "`",
                "; touch " + LEFT_BEHIND + " && touch " + LEFT_BEHIND + " #",
                "| touch " + LEFT_BEHIND + "\ntouch " + LEFT_BEHIND,
                "{\"$gt\": \"\"}",
                "*)(uid=*))(|(uid=*",
                "${jndi:ldap://" + trap.address() + "/a}",
                "http://" + trap.address() + "/",
                "{{7*7}} #{7*7} <%= 7*7 %>",
                "../../../../etc/passwd",
                "a\r\nSet-Cookie: x=1\r\n\r\n<p>",
                MARKUP,
                "\"><img src=x onerror=alert(1)>",
                "javascript:alert(1)//&lt;&#x3c;%3C\\u003c",
                "\u202e\u200b\ufeff\ud83d\ude00 e\u0301 \u0001");
    }
}
