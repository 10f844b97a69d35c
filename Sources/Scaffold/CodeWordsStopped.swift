extension CodeWords {
    /// Words that say nothing about what a text or code is about: English ones, and keywords that most
    /// languages share.
    static let stopped: [String] = (english + keywords).split(separator: " ").map(String.init)

    private static let english = """
        about above after again all also although always am an and another any are as at away be because been \
        before being below between both but by came can cannot could did do does doing done down during each \
        either else ever every few for from further get gets getting give given go goes going gone got had \
        has have having he her here hers him his how however if in instead into is isn it its itself just \
        keep know least let like made make makes many may maybe me might more most much must my need needed \
        needs neither never no nor not now of off on once one only onto or other our out over own per please \
        put rather really same say see seem seems shall she should since so some something still such sure \
        take than that the their them then there these they thing things this those though through thus to \
        together too two under until up upon us use used uses using very want wants was way we well were \
        what when where whether which while who whom whose why will with within without would yes yet you \
        your doesn don didn won wouldn shouldn couldn aren wasn
        """

    private static let keywords = """
         abstract assert async await bool boolean break byte case catch char class const constructor continue \
        def default defer del double elif elsif end enum except export extends extension extern false final \
        finally float fn foreach fun func function goto guard implements impl import include inline instanceof \
        int interface internal lambda long module mut namespace new nil none null nullptr object override \
        package pass pragma private protected protocol pub public raise readonly require return returns \
        self short sizeof static str string struct super switch template throw throws trait true try type \
        typedef typename typeof undefined union unsigned using val var virtual void volatile yield
        """
}

/// Finds terms among a few, by the place each was given.
struct CodeTerms: Sendable {
    /// The stop words.
    static let stopWords = CodeTerms(CodeWords.stopped.map(CodeWords.term(of:)))

    /// Open addressing: a term is in the first free slot from its own on; a quarter full at most.
    private var slots: [UInt64]
    private var places: [Int32]

    /// - Parameter terms: a term that's there twice has its first place.
    init(_ terms: [UInt64]) {
        var size = 64
        while size < terms.count * 4 { size *= 2 }
        slots = [UInt64](repeating: Self.free, count: size)
        places = [Int32](repeating: 0, count: size)
        for (place, term) in terms.enumerated() where self.place(of: term) == nil {
            let slot = slot(of: term)
            slots[slot] = term
            places[slot] = Int32(place)
        }
    }

    /// Where the term was in the list that this was made of.
    @inline(__always)
    func place(of term: UInt64) -> Int? {
        let slot = slot(of: term)
        return slots[slot] == Self.free ? nil : Int(places[slot])
    }

    /// The slot that has the term, or the free one that would.
    @inline(__always)
    private func slot(of term: UInt64) -> Int {
        var slot = Int(term) & (slots.count - 1)
        while slots[slot] != term, slots[slot] != Self.free {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// No term: those have 40 bits.
    private static let free = UInt64.max
}
