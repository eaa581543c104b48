using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace KlingProxy.Storage;

/// <summary>
/// Devices, pipes and sockets: the platform takes them for files like any others, and to open one may already do something, or wait for ever.
/// </summary>
internal static class SpecialFile
{
    // linux/stat.h and linux/fcntl.h; the layout of statx is the same on every architecture.
    private const int RelativeToWorkingFolder = -100, FollowLinks = 0, LengthOfAnswer = 256, OffsetOfMode = 28;
    private const uint KindOnly = 0x1;
    private const int Kinds = 0xF000, Folder = 0x4000, RegularFile = 0x8000;

    /// <returns>False where nothing is, and where it cannot be told: elsewhere than on Linux.</returns>
    public static bool IsAt(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var answer = new byte[LengthOfAnswer];
        return StatX(RelativeToWorkingFolder, Encoding.UTF8.GetBytes($"{path}\0"), FollowLinks, KindOnly, answer) is 0
            && (BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(OffsetOfMode)) & Kinds) is not (RegularFile or Folder);
    }

    [DllImport("libc", EntryPoint = "statx")]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, byte[] answer);
}
