@NullMarked
package io.temponest.account;

import org.jspecify.annotations.NullMarked;
