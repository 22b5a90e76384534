package io.temponest.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.temponest.address.IpAddress;
import io.temponest.address.Network;
import io.temponest.address.Reach;
import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {

    private static final EgressRules STRICT = EgressRules.read(new Environment(Map.of()));

    private static final EgressRules AT_HOME =
            new EgressRules(List.of(Network.parse("10.20.0.0/16"), Network.parse("169.254.0.0/16")), true);

    @ParameterizedTest
    @CsvSource({
        "https://example.com, example.com, 443, /",
        "https://example.com/hooks/a%20b?x=1&y, example.com, 443, /hooks/a%20b?x=1&y",
        "HTTPS://Example.COM:8443/?q, Example.COM, 8443, /?q",
        "https://8.8.8.8/x, 8.8.8.8, 443, /x",
        "https://[2001:4860:4860::8888]:4443/, 2001:4860:4860::8888, 4443, /",
        "https://example.com:80/, example.com, 80, /"
    })
    void anOrdinaryUrlIsRead(String url, String host, int port, String target) {
        Destination destination = Destination.parse(url, STRICT);

        assertThat(destination.tls()).isTrue();
        assertThat(destination.host()).isEqualTo(host);
        assertThat(destination.port()).isEqualTo(port);
        assertThat(destination.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com/hooks",
                "/hooks",
                "http://example.com/",
                "ftp://example.com/",
                "file:///etc/passwd",
                "gopher://example.com/",
                "jar:https://example.com!/",
                "https:example.com",
                "https://",
                "https:///x",
                "https://user@example.com/",
                "https://user:secret@example.com/",
                "https://@example.com/",
                "https://example.com@10.0.0.1/",
                "https://example.com/#part",
                "https://exa mple.com/",
                "https://example.com/a b",
                "https://example.com\\@10.0.0.1/",
                "https://exämple.com/",
                "https://example.com./",
                "https://example.com:0/",
                "https://example.com:22/",
                "https://example.com:25/",
                "https://example.com:6379/",
                "https://example.com:6667/",
                "https://example.com:65536/",
                "https://example.com:-1/",
                "https://127.0.0.1/",
                "https://127.1/",
                "https://2130706433/",
                "https://017700000001/",
                "https://0177.0.0.1/",
                "https://0x7f.0.0.1/",
                "https://0x7f000001/",
                "https://127.0.0.0x1/",
                "https://127.0.0.1./",
                "https://127.000.000.001/",
                "https://1.2.3/",
                "https://1.2.3.4.5/",
                "https://256.1.1.1/",
                "https://10.0.0.1/",
                "https://169.254.169.254/latest/meta-data/",
                "https://[::1]/",
                "https://[::]/",
                "https://[::ffff:127.0.0.1]/",
                "https://[::ffff:7f00:1]/",
                "https://[64:ff9b::a00:1]/",
                "https://[2002:7f00:1::]/",
                "https://[fe80::1%25eth0]/",
                "https://[fd00::1]/",
                "https://0/",
                "https://0.0.0.0/",
                "https://%31%32%37.0.0.1/",
                "https://１２７.0.0.1/"
            })
    void whatIsOutOfBoundsIsRefusedWithoutAskingANameServer(String url) {
        EgressFailure refused = catchThrowableOfType(EgressFailure.class, () -> Destination.parse(url, STRICT));

        assertThat(refused).as(url).isNotNull();
        assertThat(refused.kind()).isEqualTo(EgressFailure.Kind.REFUSED);
        assertThat(refused).hasMessageMatching("(must|leads) .*");
    }

    @Test
    void anOverlongUrlIsRefused() {
        assertThatThrownBy(() -> Destination.parse("https://example.com/" + "a".repeat(2_048), STRICT))
                .hasMessageContaining("2048");
    }

    @Test
    void theOperatorMayAllowNetworksAndHttpButNeverWhatTellsSecrets() {
        assertThat(Destination.parse("http://10.20.3.4:8080/x", AT_HOME).tls()).isFalse();
        for (String url : List.of(
                "http://10.21.0.1/",
                "http://169.254.169.254/",
                "http://[::ffff:169.254.169.254]/",
                "http://[64:ff9b::a9fe:a9fe]/",
                "http://127.0.0.1/")) {
            assertThatThrownBy(() -> Destination.parse(url, AT_HOME)).as(url).isInstanceOf(EgressFailure.class);
        }
        assertThat(Destination.parse("http://169.254.1.1/", AT_HOME).literal()).isPresent();
    }

    @Test
    void theSettingsSayWhatIsAllowedAndMistakesInThemAreNamed() {
        EgressRules rules = EgressRules.read(new Environment(
                Map.of("TEMPONEST_EGRESS_ALLOW", "10.20.0.0/16, fd00::/8", "TEMPONEST_EGRESS_HTTP", "on")));
        assertThat(rules.allowed()).hasSize(2);
        assertThat(rules.http()).isTrue();

        Environment wrong = new Environment(
                Map.of("TEMPONEST_EGRESS_ALLOW", "10.20.0.0/16,home", "TEMPONEST_EGRESS_HTTP", "maybe"));
        EgressRules.read(wrong);
        assertThatThrownBy(wrong::check)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TEMPONEST_EGRESS_ALLOW")
                .hasMessageContaining("TEMPONEST_EGRESS_HTTP");
    }

    @Provide
    Arbitrary<String> hosts() {
        Arbitrary<String> number = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 300).map(Object::toString),
                Arbitraries.longs().between(0, 1L << 33).map(Object::toString),
                Arbitraries.integers().between(0, 300).map(n -> "0" + Integer.toOctalString(n)),
                Arbitraries.longs().between(0, 1L << 33).map(n -> "0x" + Long.toHexString(n)));
        return number.list().ofMinSize(1).ofMaxSize(5).map(parts -> String.join(".", parts));
    }

    /** Of all that some resolver may take for an address, the usual form of a public one alone gets through. */
    @Property
    void aNumericHostIsAPublicAddressInItsUsualFormOrRefused(@ForAll("hosts") String host) {
        try {
            Destination destination = Destination.parse("https://" + host + "/", STRICT);
            IpAddress address = destination.literal().orElseThrow();
            assertThat(address.text()).isEqualTo(host);
            assertThat(Reach.of(address)).isEqualTo(Reach.PUBLIC);
        } catch (EgressFailure refused) {
            assertThat(refused.kind()).isEqualTo(EgressFailure.Kind.REFUSED);
        }
    }
}
