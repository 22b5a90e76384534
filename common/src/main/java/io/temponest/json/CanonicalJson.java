package io.temponest.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;

/**
 * One text for one value, so that a hash of it names the value: no white space, members in the order of their names' UTF-16
 * code units, numbers in decimal without an exponent and without zeros that say nothing. As RFC 8785 for texts and for whole
 * numbers below 2^53; larger numbers keep all of their digits here, so that no two of them look alike.
 */
public final class CanonicalJson {

    private CanonicalJson() {}

    /** @param value without numbers of large exponents, which are written out in full */
    public static String of(JsonNode value) {
        StringBuilder text = new StringBuilder();
        write(value, text);
        return text.toString();
    }

    /** SHA-256 of the text in UTF-8. */
    public static byte[] sha256(JsonNode value) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(of(value).getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(JsonNode value, StringBuilder text) {
        if (value.isObject()) {
            Map<String, JsonNode> members = new TreeMap<>();
            value.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
            text.append('{');
            members.forEach((name, member) -> {
                separate(text, '{');
                text.append(TextNode.valueOf(name)).append(':');
                write(member, text);
            });
            text.append('}');
        } else if (value.isArray()) {
            text.append('[');
            for (JsonNode item : value) {
                separate(text, '[');
                write(item, text);
            }
            text.append(']');
        } else if (value.isNumber()) {
            BigDecimal number = value.decimalValue();
            text.append(number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
        } else {
            text.append(value);
        }
    }

    private static void separate(StringBuilder text, char opening) {
        if (text.charAt(text.length() - 1) != opening) {
            text.append(',');
        }
    }
}
