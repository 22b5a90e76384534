package io.temponest.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * The signals that ask a process to stop. They are taken by a handler and not by a shutdown hook: hooks run side by side, and
 * ONNX Runtime's closes its environment under the models that still load or compute, which ends the process with a crash.
 */
final class StopSignals {

    private static final List<String> NAMES = List.of("TERM", "INT", "HUP");

    private StopSignals() {}

    /** Has an action called, on a thread of its own, for each of these signals that comes from now on. */
    static void call(Runnable action) {
        try {
            // By reflection, since the compiler has a warning for each use of this class that cannot be turned off.
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calls = (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    action.run();
                    return null;
                }
                return method.invoke(action, arguments);
            };
            Object taken = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calls);
            for (String name : NAMES) {
                signal.getMethod("handle", signal, handler)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), taken);
            }
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("this Java cannot tell a program of signals", e);
        }
    }
}
