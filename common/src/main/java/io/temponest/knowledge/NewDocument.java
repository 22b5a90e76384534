package io.temponest.knowledge;

/**
 * A file to add to a collection; {@link MediaTypes#detect} has accepted it.
 *
 * @param filename 1 to 255 characters
 */
@SuppressWarnings("ArrayRecordComponent") // made, stored and dropped; never compared as a record
public record NewDocument(String filename, String mediaType, byte[] content) {

    public NewDocument {
        if (filename.isBlank() || filename.length() > 255) {
            throw new IllegalArgumentException("filename must have 1 to 255 characters");
        }
        if (content.length == 0) {
            throw new IllegalArgumentException("content must not be empty");
        }
    }
}
