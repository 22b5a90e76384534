package io.temponest.node;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.crypto.Authorities;
import io.temponest.crypto.TlsFiles;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How the nodes of a cluster prove to each other that they are such, on every connection of the bus and in both directions. Names
 * in certificates do not count, as nodes have addresses only: whoever the authorities certify is a node.
 */
public record ClusterTls(PemKeyCertOptions own, PemTrustOptions nodes) {

    private static final List<Setting> ALL =
            List.of(Setting.CLUSTER_TLS_CERT, Setting.CLUSTER_TLS_KEY, Setting.CLUSTER_TLS_CA);

    /** Reads the settings and their files; mistakes are told to the environment. Blocks. */
    static Optional<ClusterTls> read(Environment environment) {
        List<Path> files = ALL.stream()
                .flatMap(setting -> environment.optional(setting).stream())
                .map(Path::of)
                .toList();
        if (files.isEmpty()) {
            return Optional.empty();
        }
        if (files.size() < ALL.size()) {
            environment.problem("%s, %s and %s must be set together"
                    .formatted(ALL.stream().map(Setting::variable).toArray()));
            return Optional.empty();
        }
        Optional<PemKeyCertOptions> own = environment.parsed(
                Setting.CLUSTER_TLS_CERT, certificate -> new TlsFiles(files.get(0), files.get(1)).read());
        Optional<PemTrustOptions> nodes =
                environment.parsed(Setting.CLUSTER_TLS_CA, file -> Authorities.read(files.get(2)));
        return own.flatMap(identity -> nodes.map(trusted -> new ClusterTls(identity, trusted)));
    }

    void into(EventBusOptions bus) {
        bus.setSsl(true).setKeyCertOptions(own).setTrustOptions(nodes).setClientAuth(ClientAuth.REQUIRED);
    }
}
