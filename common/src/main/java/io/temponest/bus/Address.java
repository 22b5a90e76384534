package io.temponest.bus;

/**
 * A place on the bus with the types of what goes there and what comes back.
 *
 * @param name the bus address
 * @param question the record that is sent
 * @param answer the record that is replied
 */
public record Address<Q, A>(String name, Class<Q> question, Class<A> answer) {

    /** The same question at one node or session rather than at any. */
    public Address<Q, A> at(String instance) {
        return new Address<>(name + "." + instance, question, answer);
    }
}
