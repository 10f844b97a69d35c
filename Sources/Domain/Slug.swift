/// A title cut down to what is safe and readable in a branch name or a path: `a-z`, `0-9` and single
/// hyphens, at most 48 characters, cut at a word; `ticket` when nothing of the title is left.
package func slug(of title: String, limit: Int = 48) -> String {
    var words: [String] = []
    var word = ""
    for scalar in title.unicodeScalars {
        switch scalar {
        case "a"..."z", "0"..."9": word.unicodeScalars.append(scalar)
        case "A"..."Z": word += scalar.properties.lowercaseMapping
        case "'", "\u{2019}": continue
        default:
            if let letters = folded[scalar] {
                word += letters
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
    }
    if !word.isEmpty { words.append(word) }
    var result = ""
    for next in words {
        let candidate = result.isEmpty ? next : result + "-" + next
        guard candidate.count <= limit else { break }
        result = candidate
    }
    if result.isEmpty, let first = words.first { result = String(first.prefix(limit)) }
    return result.isEmpty ? "ticket" : result
}

/// Letters of Western European alphabets with their plain spelling.
private let folded: [Unicode.Scalar: String] = {
    var table: [Unicode.Scalar: String] = [:]
    for (plain, letters) in [
        ("a", "àáâãåāăąÀÁÂÃÅĀĂĄ"), ("ae", "äæÄÆ"), ("c", "çćčÇĆČ"), ("d", "ďđðĎĐÐ"),
        ("e", "èéêëēęěÈÉÊËĒĘĚ"), ("g", "ğģĞĢ"), ("i", "ìíîïīıİÌÍÎÏĪ"), ("l", "łľļŁĽĻ"),
        ("n", "ñńňÑŃŇ"), ("o", "òóôõøōÒÓÔÕØŌ"), ("oe", "öœÖŒ"), ("r", "řŘ"),
        ("s", "śšşŚŠŞ"), ("ss", "ß"), ("t", "ťţŤŢ"), ("th", "þÞ"), ("u", "ùúûūůÙÚÛŪŮ"),
        ("ue", "üÜ"), ("y", "ýÿÝ"), ("z", "źżžŹŻŽ"),
    ] {
        for letter in letters.unicodeScalars { table[letter] = plain }
    }
    return table
}()
