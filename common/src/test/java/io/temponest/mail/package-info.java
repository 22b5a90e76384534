@NullMarked
package io.temponest.mail;

import org.jspecify.annotations.NullMarked;
