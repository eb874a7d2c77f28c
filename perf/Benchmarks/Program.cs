System.Console.WriteLine("no benches yet");
