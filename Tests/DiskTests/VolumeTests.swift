import SystemPackage
import Testing

@testable import Disk

@Suite struct VolumeTests {
    private let mounts = """
        /dev/vda1 / ext4 rw,relatime 0 0
        server:/data /data nfs4 rw 0 0
        /dev/vdb1 /data/ada/disk ext4 rw 0 0
        //box/share /mnt/two\\040words cifs rw 0 0
        ada@host: /mnt/ssh fuse.sshfs rw 0 0
        """

    @Test(
        arguments: [
            ("/var/lib/linecook", nil), ("/data/ada/.linecook", "NFS"), ("/data", "NFS"),
            ("/data/ada/disk/state", nil), ("/mnt/two words/state", "SMB"), ("/mnt/ssh", "SSHFS"),
            ("/datas/ada", nil),
        ] as [(FilePath, String?)]
    )
    func `a folder on another machine's disk is known by the mount that it lies in`(
        path: FilePath,
        network: String?
    ) {
        #expect(Volume.network(at: path, mounts: mounts) == network)
    }

    @Test func `the free space of a folder is more than nothing`() throws {
        #expect(try Volume(of: "/tmp").freeBytes > 0)
        #expect(throws: DiskError.self) { try Volume(of: "/nowhere at all") }
    }
}
